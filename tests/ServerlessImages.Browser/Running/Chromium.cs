using Microsoft.Playwright;

namespace ServerlessImages.Browser;

/// <summary>The machine's own browser, headless, one for the whole run. Each test opens contexts of its own in it, which share nothing.</summary>
internal sealed class Chromium : IAsyncDisposable
{
    private const string PathVariable = "CHROMIUM";
    private static readonly string[] UsualPaths = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

    private readonly IPlaywright playwright;

    private Chromium(IPlaywright playwright, IBrowser browser) => (this.playwright, Browser) = (playwright, browser);

    public IBrowser Browser { get; }

    /// <exception cref="InvalidOperationException">There is no browser; the message says what to do.</exception>
    public static async Task<Chromium> StartAsync()
    {
        var path = Find();
        var playwright = await Playwright.CreateAsync();
        string[] quiet = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
        return new(playwright, await playwright.Chromium.LaunchAsync(new() { ExecutablePath = path, Args = quiet }));
    }

    public async ValueTask DisposeAsync()
    {
        await Browser.DisposeAsync();
        playwright.Dispose();
    }

    /// <summary>Never skipped in silence: pages that nobody has looked at are not tested.</summary>
    private static string Find() =>
        UsualPaths.Prepend(Environment.GetEnvironmentVariable(PathVariable)).FirstOrDefault(File.Exists)
        ?? throw new InvalidOperationException($"There is no Chromium at {string.Join(", ", UsualPaths)}. Install it (Debian: apt-get install chromium), or name one in the environment variable {PathVariable}.");
}
