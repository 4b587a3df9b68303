using Microsoft.Extensions.DependencyInjection;
using ServerlessImages.Tests.Api;

namespace ServerlessImages.Tests.Portal;

/// <summary>How long a session lasts, on a clock that the test moves.</summary>
public sealed class SessionTests : IAsyncLifetime
{
    private readonly MovedClock clock = new();
    private Product product = null!;
    private PortalBrowser browser = null!;

    public async ValueTask InitializeAsync()
    {
        product = await Product.StartAsync(options => (options with { Identity = true }).With(services => services.AddSingleton<TimeProvider>(clock)));
        browser = new PortalBrowser(product);
        await browser.SignInAsync("customer");
    }

    public async ValueTask DisposeAsync()
    {
        browser.Dispose();
        await product.DisposeAsync();
    }

    [Fact]
    public async Task A_session_that_nobody_uses_is_over_after_half_an_hour()
    {
        clock.Ahead += TimeSpan.FromMinutes(29);
        Assert.Equal("/portal", (await browser.GetAsync("/portal")).Path);

        clock.Ahead += TimeSpan.FromMinutes(31);
        Assert.Equal("/portal/sign-in", (await browser.GetAsync("/portal")).Path);
    }

    [Fact]
    public async Task A_session_that_is_used_goes_on_for_eight_hours_and_no_longer()
    {
        for (var minutes = 0; minutes < 460; minutes += 20)
        {
            clock.Ahead += TimeSpan.FromMinutes(20);
            Assert.Equal("/portal", (await browser.GetAsync("/portal")).Path);
        }

        clock.Ahead += TimeSpan.FromMinutes(21);
        Assert.Equal("/portal/sign-in", (await browser.GetAsync("/portal")).Path);
    }

    /// <summary>The system's time, and some more.</summary>
    private sealed class MovedClock : TimeProvider
    {
        public TimeSpan Ahead { get; set; }

        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + Ahead;
    }
}
