using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using ServerlessImages.Images;

namespace ServerlessImages.Fetch;

public static class FetchServices
{
    /// <summary>The <see cref="IImageFetcher"/> that reaches public addresses only, from the section <see cref="FetchOptions.Section"/>.</summary>
    public static IServiceCollection AddFetch(this IServiceCollection services)
    {
        services.AddOptions<FetchOptions>().BindConfiguration(FetchOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<IImageFetcher>(provider => new PublicImageFetcher(
            provider.GetRequiredService<IOptions<FetchOptions>>().Value,
            PublicNetwork.CreateHandler(),
            provider.GetRequiredService<TimeProvider>()));
        return services;
    }
}
