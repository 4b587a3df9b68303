using Microsoft.Security.AntiSSRF;

namespace ServerlessImages;

/// <summary>The way out to addresses that somebody else names: AntiSSRF resolves the name, checks every address that it has, and connects to those and no others, so that DNS cannot say one thing to the check and another to the connection.</summary>
internal static class PublicNetwork
{
    /// <summary>Beyond it, one caller's address could take the time of all the rest of its fetch.</summary>
    private static readonly TimeSpan ConnectTimeMax = TimeSpan.FromSeconds(5);

    /// <param name="alsoAllowed">Networks that count as public, for tests alone.</param>
    public static HttpMessageHandler CreateHandler(params string[] alsoAllowed)
    {
        var policy = new AntiSSRFPolicy(PolicyConfigOptions.ExternalOnlyLatest) { AllowPlainTextHttp = false };
        if (alsoAllowed.Length > 0) policy.AddAllowedAddresses(alsoAllowed);

        var handler = policy.GetHandler();
        // Redirects are followed by us: each has to be an address that would be fetched by itself.
        handler.AllowAutoRedirect = false;
        handler.UseCookies = false;
        handler.ConnectTimeout = ConnectTimeMax;
        handler.MaxResponseHeadersLength = 32;

        // The next fetch resolves its name again.
        handler.PooledConnectionLifetime = TimeSpan.Zero;
        return handler;
    }
}
