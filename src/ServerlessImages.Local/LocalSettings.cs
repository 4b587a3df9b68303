using System.Globalization;
using Microsoft.Extensions.Logging.Console;
using ServerlessImages.Local.Identity;
using ServerlessImages.Local.Stripe;

namespace ServerlessImages.Local;

/// <summary>What an operator would set in Azure, for this machine.</summary>
internal static class LocalSettings
{
    public static Dictionary<string, string?> Of(Uri baseUrl, Uri azureOpenAI, IEnumerable<string> models, Uri stripe, StripeEmulatorOptions stripeOptions, LocalSecrets secrets)
    {
        var settings = new Dictionary<string, string?>
        {
            ["PublicUrl"] = baseUrl.AbsoluteUri,
            ["Keys:Peppers:1"] = secrets.Pepper,
            ["Receipts:SigningKeys:1"] = secrets.ReceiptKey,
            ["Stripe:ApiKey"] = stripeOptions.ApiKey,
            ["Stripe:WebhookSecrets:0"] = stripeOptions.WebhookSecret,
            ["Stripe:ThinWebhookSecrets:0"] = stripeOptions.ThinWebhookSecret,
            ["Stripe:ApiBase"] = stripe.AbsoluteUri,
            ["Pages:ShowStyle"] = "true",

            // A server of one's own on this machine may be told of events.
            ["Webhooks:AllowPrivateNetworks"] = "true",
        };

        // A prompt that is steered to fail fails at once, and closes the one deployment to nobody.
        settings["Pool:WaitMax"] = "00:00:00";
        settings["Pool:ClosedMax"] = "00:00:00";
        foreach (var (index, model) in models.Index())
        {
            var deployment = string.Create(CultureInfo.InvariantCulture, $"AzureOpenAI:Deployments:{index}:");
            settings[deployment + "Name"] = "local-" + model;
            settings[deployment + "Model"] = model;
            settings[deployment + "Deployment"] = model;
            settings[deployment + "Endpoint"] = azureOpenAI.AbsoluteUri;
            settings[deployment + "ApiKey"] = "emulator";
        }

        return settings;
    }

    /// <param name="identity">Null where nobody can sign in.</param>
    public static IEnumerable<KeyValuePair<string, string?>> Of(IdentityEmulator? identity) => identity is null ? [] :
    [
        KeyValuePair.Create("Identity:Authority", (string?)identity.Endpoint.AbsoluteUri),
        KeyValuePair.Create("Identity:ClientId", (string?)IdentityEmulator.ClientId),
        KeyValuePair.Create("Identity:ClientSecret", (string?)IdentityEmulator.ClientSecret),
        KeyValuePair.Create("Operator:Authority", (string?)identity.Endpoint.AbsoluteUri),
        KeyValuePair.Create("Operator:TenantId", (string?)IdentityEmulator.OperatorTenant),
        KeyValuePair.Create("Operator:Audience", (string?)IdentityEmulator.OperatorAudience),
    ];

    public static void Apply(WebApplicationBuilder builder, int port, IEnumerable<KeyValuePair<string, string?>> machine, LocalOptions options)
    {
        // This machine's own environment must not reach into the demo.
        builder.Configuration.Sources.Clear();
        builder.Configuration.AddInMemoryCollection(machine).AddInMemoryCollection(options.Settings);
        builder.Logging.ClearProviders();
        builder.Logging.SetMinimumLevel(LogLevel.Warning);

        // Standard output is the report's.
        builder.Logging.AddSimpleConsole(console => console.SingleLine = true);
        builder.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.WebHost.UseUrls(string.Create(CultureInfo.InvariantCulture, $"http://localhost:{port}"));
        options.Services(builder.Services);
    }
}
