using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using ServerlessImages.Billing;
using ServerlessImages.Books;
using Stripe;

namespace ServerlessImages.Stripe;

public static class StripeRegistration
{
    /// <summary>How long one attempt may take; those that fail on the way are made three times.</summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    private const int Retries = 2;

    /// <summary>The <see cref="IPaymentCollector"/>, <see cref="IUsageCollector"/>, <see cref="ISubscriptionCollector"/> and <see cref="ICollectorBooks"/> on Stripe, from the section <see cref="StripeOptions.Section"/>. Call it when all settings are there: without a key there is no collector.</summary>
    public static void AddStripe(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<StripeOptions>().BindConfiguration(StripeOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        if (configuration.GetSection(StripeOptions.Section).Get<StripeOptions>() is not { IsOn: true }) return;
        services.AddSingleton(Client);
        services.AddSingleton(provider => new StripeCatalog(provider.GetRequiredService<StripeClient>()));
        services.AddSingleton<IPaymentCollector>(provider => new StripeCollector(provider.GetRequiredService<StripeClient>(), Webhooks(provider)));
        services.AddSingleton<IUsageCollector>(provider => new StripeUsageCollector(provider.GetRequiredService<StripeClient>(), provider.GetRequiredService<StripeCatalog>(), provider.GetRequiredService<PostpaidAccounts>(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<ICollectorBooks>(provider => new StripeBooks(provider.GetRequiredService<StripeClient>(), provider.GetRequiredService<StripeCatalog>()));
        services.AddSingleton<ISubscriptionCollector>(provider => new StripeSubscriptions(provider.GetRequiredService<StripeClient>(), provider.GetRequiredService<StripeCatalog>(), new(Options(provider).ThinWebhookSecrets, provider.GetRequiredService<TimeProvider>()), provider.GetRequiredService<TimeProvider>()));
    }

    private static StripeClient Client(IServiceProvider provider) => new(new StripeClientOptions
    {
        ApiKey = Options(provider).ApiKey,
        ApiBase = Options(provider).ApiBase?.AbsoluteUri.TrimEnd('/'),

        // Telemetry would write an id of its own into the home folder, and send times along with the next request.
        HttpClient = new SystemNetHttpClient(Http(), Retries, appInfo: null, enableTelemetry: false),
    });

    /// <summary>Lives as long as the process, as the client does.</summary>
    private static HttpClient Http() => new(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(5) }) { Timeout = Timeout };

    private static StripeWebhooks Webhooks(IServiceProvider provider) => new(Options(provider).WebhookSecrets, provider.GetRequiredService<TimeProvider>());

    private static StripeOptions Options(IServiceProvider provider) => provider.GetRequiredService<IOptions<StripeOptions>>().Value;
}
