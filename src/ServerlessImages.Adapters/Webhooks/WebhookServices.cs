using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace ServerlessImages.Webhooks;

public static class WebhookServices
{
    /// <summary>The <see cref="IWebhookSender"/> that reaches public addresses only, unless <see cref="WebhookOptions.AllowPrivateNetworks"/> says otherwise.</summary>
    public static IServiceCollection AddWebhookSender(this IServiceCollection services)
    {
        services.AddOptions<WebhookOptions>().BindConfiguration(WebhookOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<IWebhookSender>(provider =>
        {
            var options = provider.GetRequiredService<IOptions<WebhookOptions>>().Value;
            return new WebhookSender(options, options.AllowPrivateNetworks ? AnyNetwork() : PublicNetwork.CreateHandler(), provider.GetRequiredService<TimeProvider>());
        });
        return services;
    }

    private static SocketsHttpHandler AnyNetwork() => new() { AllowAutoRedirect = false, UseCookies = false };
}
