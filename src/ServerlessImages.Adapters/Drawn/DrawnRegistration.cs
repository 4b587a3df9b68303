using Microsoft.Extensions.DependencyInjection;
using ServerlessImages.Images;

namespace ServerlessImages.Drawn;

public static class DrawnRegistration
{
    /// <summary>Under this key stands the image model of test keys; without a key, that of live ones.</summary>
    private const string TestMode = "test";

    /// <summary>The painter that draws for test keys, beside whatever draws for live ones.</summary>
    public static void AddDrawn(this IServiceCollection services)
    {
        services.AddKeyedSingleton<IImageModel, DrawnImageModel>(TestMode);
        services.AddSingleton(provider => new FanOut(provider.GetRequiredService<IImageModel>(), provider.GetRequiredKeyedService<IImageModel>(TestMode)));
    }
}
