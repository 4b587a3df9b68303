using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Playwright;
using ServerlessImages.Browser;
using ServerlessImages.Browser.Seed;
using ServerlessImages.Local;

[assembly: AssemblyFixture(typeof(RunningSite))]

namespace ServerlessImages.Browser;

/// <summary>The whole product on this machine and a browser to look at it: one for all tests.</summary>
public sealed class RunningSite : IAsyncLifetime
{
    private const string Terms = "/portal/terms";

    private readonly string folder = Directory.CreateTempSubdirectory("serverlessimages-").FullName;
    private readonly Dictionary<Visitor, Cookie[]> sessions = [];
    private readonly SemaphoreSlim signingIn = new(1);
    private LocalProduct? product;
    private Chromium? chromium;

    internal LocalProduct Product => product!;

    public async ValueTask InitializeAsync()
    {
        var options = new LocalOptions { DataFolder = folder, Services = services => services.AddLogging(logging => logging.ClearProviders()) };
        product = await LocalProduct.StartAsync(options, _ => { }, CancellationToken.None);
        await AccessSeed.SowAsync(product, CancellationToken.None);
        await DeskSeed.SowAsync(product, CancellationToken.None);
        await UsageSeed.SowAsync(product, CancellationToken.None);
        await BillingSeed.SowAsync(product, CancellationToken.None);
        chromium = await Chromium.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (chromium is not null) await chromium.DisposeAsync();
        if (product is not null) await product.DisposeAsync();
        signingIn.Dispose();
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

    /// <summary>Whoever needs a session gets it here once, the way that a person would: by clicking through the pages.</summary>
    private async Task SignInAsync(IBrowserContext context, Visitor visitor)
    {
        if (visitor == Visitor.Anyone) return;
        await signingIn.WaitAsync();
        try
        {
            if (!sessions.TryGetValue(visitor, out var cookies)) sessions[visitor] = cookies = await SignInOnceAsync(context, visitor);
            await context.AddCookiesAsync(cookies);
        }
        finally
        {
            signingIn.Release();
        }
    }

    /// <summary>The page stays open until its context ends: closed while it loads, the browser may never say that it is.</summary>
    private static async Task<Cookie[]> SignInOnceAsync(IBrowserContext context, Visitor visitor)
    {
        var home = visitor == Visitor.Operator ? "/operator" : "/portal";
        var page = await context.NewPageAsync();
        await page.GotoAsync(home);
        await page.GetByRole(AriaRole.Link, new() { Name = "Continue" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = visitor == Visitor.Operator ? "Ada Operator" : "Renard Fox" }).ClickAsync();
        await page.WaitForURLAsync(url => PathOf(url) == home || PathOf(url) == Terms);
        if (PathOf(page.Url) == Terms)
        {
            await page.GetByRole(AriaRole.Checkbox).CheckAsync();
            await page.GetByRole(AriaRole.Button, new() { Name = "Go on" }).ClickAsync();
            await page.WaitForURLAsync(url => PathOf(url) == home);
        }

        return [.. (await context.CookiesAsync()).Select(each => new Cookie { Name = each.Name, Value = each.Value, Domain = each.Domain, Path = each.Path, HttpOnly = each.HttpOnly, Secure = each.Secure, SameSite = each.SameSite })];
    }

    private static string PathOf(string url) => new Uri(url).AbsolutePath;
}
