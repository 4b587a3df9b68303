using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Playwright;
using ServerlessImages.Browser;
using ServerlessImages.Local;

[assembly: AssemblyFixture(typeof(RunningSite))]

namespace ServerlessImages.Browser;

/// <summary>The whole product on this machine and a browser to look at it: one for all tests.</summary>
public sealed class RunningSite : IAsyncLifetime
{
    private readonly string folder = Directory.CreateTempSubdirectory("serverlessimages-").FullName;
    private LocalProduct? product;
    private Chromium? chromium;

    internal LocalProduct Product => product!;

    public async ValueTask InitializeAsync()
    {
        var options = new LocalOptions { DataFolder = folder, Services = services => services.AddLogging(logging => logging.ClearProviders()) };
        product = await LocalProduct.StartAsync(options, _ => { }, CancellationToken.None);
        chromium = await Chromium.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (chromium is not null) await chromium.DisposeAsync();
        if (product is not null) await product.DisposeAsync();
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
    }

    /// <summary>A browser of somebody's own, with nothing in it but that visitor's session.</summary>
    /// <param name="width">Of the window, in CSS pixels.</param>
    internal async Task<Visit> VisitAsync(Visitor visitor, int width = 1280, ColorScheme theme = ColorScheme.Light, bool hasScript = true)
    {
        var context = await chromium!.Browser.NewContextAsync(new()
        {
            BaseURL = Product.BaseUrl.AbsoluteUri,
            ViewportSize = new() { Width = width, Height = 900 },
            ColorScheme = theme,
            JavaScriptEnabled = hasScript,
            ReducedMotion = ReducedMotion.Reduce,
        });
        await SignInAsync(context, visitor);
        return await Visit.InAsync(context);
    }

    /// <summary>Whoever needs a session gets it here, the way that a person would.</summary>
    private static Task SignInAsync(IBrowserContext context, Visitor visitor) => visitor switch
    {
        Visitor.Anyone => Task.CompletedTask,
        _ => throw new ArgumentOutOfRangeException(nameof(visitor), visitor, $"Nobody knows how to sign in to {context}."),
    };
}
