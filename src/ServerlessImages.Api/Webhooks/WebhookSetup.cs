using Microsoft.Extensions.Options;
using ServerlessImages.Events;
using ServerlessImages.Webhooks;

namespace ServerlessImages.Api.Webhooks;

/// <summary>Puts together what delivers events.</summary>
internal static class WebhookSetup
{
    public static void AddWebhooks(this IServiceCollection services)
    {
        services.AddWebhookSender();
        services.AddSingleton(provider => provider.GetRequiredService<IOptions<WebhookOptions>>().Value);
        services.AddSingleton<IEventHints, EventHints>();
        services.AddSingleton<PendingDeliveries>();
        services.AddSingleton<WebhookDirectory>();
        services.AddSingleton<WebhookSigner>();
        services.AddSingleton<ManageWebhooks>();
        services.AddSingleton<ReadDeliveries>();
        services.AddSingleton<PlanDeliveries>();
        services.AddSingleton<AttemptDeliveries>();
        services.AddSingleton<DeliverEvents>();
        services.AddSingleton<SweepWebhooks>();
    }
}
