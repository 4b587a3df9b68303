using ServerlessImages.Api.Http;
using ServerlessImages.Webhooks;

namespace ServerlessImages.Api.Webhooks;

/// <summary>An address that can be told of events, by its text alone. Where it leads is looked at with each connection: a name can point elsewhere tomorrow.</summary>
internal static class WebhookFields
{
    public const int DescriptionCharactersMax = 200;
    private const int CharactersMax = 1_024;

    public static string? WebhookUrl(this RequestFields fields, string name, WebhookOptions options) =>
        fields.Text(name, CharactersMax, text => IsTaken(text, options), $"an https address of at most {CharactersMax} characters, on port 443, without user name and fragment");

    private static bool IsTaken(string text, WebhookOptions options)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var address) || address.UserInfo.Length > 0 || address.Fragment.Length > 0 || address.Host.Length == 0) return false;
        return options.AllowPrivateNetworks ? address.Scheme == Uri.UriSchemeHttps || address.Scheme == Uri.UriSchemeHttp : address.Scheme == Uri.UriSchemeHttps && address.Port == 443;
    }
}
