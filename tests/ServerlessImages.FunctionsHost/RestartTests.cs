using System.Net;
using Microsoft.Extensions.DependencyInjection;
using ServerlessImages.FunctionsHost.StandIn;
using ServerlessImages.Ledger;

namespace ServerlessImages.FunctionsHost;

/// <summary>The host kills its handler, and starts another unless that ended with 0.</summary>
public sealed class RestartTests(PublishedApp app)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_a_killed_handler_held_is_given_back_by_the_timer_once_it_has_expired()
    {
        Dictionary<string, string?> settings;
        await using var deployment = await Deployment.StartAsync(app);
        var asking = deployment.GenerateAsync("a red fox [slow:1]");
        await deployment.UpstreamTime.NextWaitAsync(Cancel);
        (await deployment.Host.Handler.Serving).Kill();
        using var answer = await asking;

        // A request with a body is not sent again: its hold is what is left of it.
        Assert.Equal((HttpStatusCode.InternalServerError, ""), (answer.StatusCode, await answer.Content.ReadAsStringAsync(Cancel)));
        var (available, held) = await deployment.BalanceAsync();
        await deployment.Host.InvokeTimerAsync("ExpireHolds");
        Assert.NotEqual(Money.Zero, held);
        Assert.Equal((Office.Credit - held, held), await deployment.BalanceAsync());
        Assert.Equal(Office.Credit, available + held);

        // The same 80 s later: nobody waits for that.
        await deployment.Host.Handler.DisposeAsync();
        settings = new(deployment.Settings) { ["FUNCTIONS_CUSTOMHANDLER_PORT"] = "0" };
        await using var later = Office.Build(settings, TimeSpan.FromSeconds(80));
        await later.StartAsync(Cancel);
        using var host = new HttpClient();
        await Invocation.SendAsync(host, new Uri(later.Urls.Single()), "ExpireHolds", Invocation.OfTimer("timer"));
        var balance = await later.Services.GetRequiredService<AccountLedger>().BalanceAsync(Office.Partition, Cancel);
        await later.StopAsync(Cancel);

        Assert.Equal((Office.Credit, Money.Zero, 0), (balance.Available, balance.Held, balance.Open));
    }

    [Fact]
    public async Task A_handler_that_is_asked_to_end_is_started_again()
    {
        await using var deployment = await Deployment.StartAsync(app);
        var first = await deployment.Host.Handler.Serving;

        first.Terminate();
        await first.ExitCodeAsync();
        var balance = await deployment.BalanceAsync();

        Assert.Equal((Office.Credit, Money.Zero), balance);
        Assert.NotEqual(0, Assert.Single(deployment.Host.Handler.ExitCodes));
    }

    [Fact]
    public async Task A_handler_that_cannot_work_says_why_and_does_not_end_with_0()
    {
        await using var host = await StandInHost.StartAsync(app.Folder, new Dictionary<string, string?> { ["Storage:Kind"] = "Embedded" });

        await host.Handler.GivenUp;

        Assert.Equal(3, host.Handler.ExitCodes.Count);
        Assert.DoesNotContain(0, host.Handler.ExitCodes);
        Assert.Contains("PublicUrl", host.Handler.Output, StringComparison.Ordinal);
        Assert.Contains("Storage:Folder", host.Handler.Output, StringComparison.Ordinal);
    }
}
