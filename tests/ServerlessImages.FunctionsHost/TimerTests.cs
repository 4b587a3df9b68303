using System.Globalization;
using System.Net;

namespace ServerlessImages.FunctionsHost;

/// <summary>What runs by the clock: when the host asks for it, and for nobody else.</summary>
public sealed class TimerTests(PublishedApp app) : IAsyncLifetime
{
    private static readonly Money Quote = Money.Dollars(1);
    private static readonly TimeSpan DaysAgo = TimeSpan.FromDays(2);
    private Deployment deployment = null!;

    /// <summary>A process died two days ago in the middle of a request, and nobody has closed the books since.</summary>
    public async ValueTask InitializeAsync() =>
        deployment = await Deployment.StartAsync(app, DaysAgo, services => Office.LeaveHoldAsync(services, "req_orphan", Quote));

    public ValueTask DisposeAsync() => deployment.DisposeAsync();

    [Fact]
    public async Task An_expired_hold_is_given_back_by_the_timer_and_by_nothing_else()
    {
        // It has been so all the time that it took to start: under the host, no timer of the app's own runs.
        Assert.Equal((Office.Credit - Quote, Quote), await deployment.BalanceAsync());

        await deployment.Host.InvokeTimerAsync("ExpireHolds");

        Assert.Equal((Office.Credit, Money.Zero), await deployment.BalanceAsync());
        Assert.Equal(["grant", "expire"], await deployment.EntriesAsync());
    }

    [Fact]
    public async Task A_timer_that_is_invoked_many_times_at_once_does_its_work_once()
    {
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => deployment.Host.InvokeTimerAsync("ExpireHolds")));

        Assert.Equal((Office.Credit, Money.Zero), await deployment.BalanceAsync());
        Assert.Equal(["grant", "expire"], await deployment.EntriesAsync());
    }

    [Fact]
    public async Task The_books_are_closed_by_their_timer()
    {
        await deployment.Host.InvokeTimerAsync("ExpireHolds");
        var day = (TimeProvider.System.GetUtcNow() - DaysAgo).UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        using var before = await deployment.SendAsync(HttpMethod.Get, $"v1/books/{day}", key: deployment.Key);

        await Task.WhenAll(deployment.Host.InvokeTimerAsync("CloseBooks"), deployment.Host.InvokeTimerAsync("CloseBooks"));
        using var after = await deployment.SendAsync(HttpMethod.Get, $"v1/books/{day}", key: deployment.Key);

        Assert.Equal((HttpStatusCode.NotFound, "books_not_closed"), (before.StatusCode, await before.ErrorCodeAsync()));
        Assert.Equal(HttpStatusCode.OK, after.StatusCode);
    }

    [Fact]
    public async Task No_trigger_is_reached_from_outside_by_any_method()
    {
        string[] methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"];
        var names = deployment.Host.Files.Functions.Where(function => function.Route is null).Select(function => function.Name).ToArray();
        string[] paths = ["{0}", "{0}/", "/{0}", "{0}?code=x", "v1/%2e%2e/{0}", "operator/{0}", "admin/functions/{0}"];
        Assert.Equal(["CloseBooks", "DeliverWebhook", "ExpireHolds", "RunJob", "SendMeterEvents", "SweepPayments", "SweepWebhooks"], names);

        foreach (var (method, path, name) in from method in methods from path in paths from name in names select (method, path, name))
        {
            foreach (var spelled in new[] { name, name.ToLowerInvariant(), "%" + ((int)name[0]).ToString("X2", CultureInfo.InvariantCulture) + name[1..] })
            {
                using var answer = await deployment.SendAsync(new HttpMethod(method), string.Format(CultureInfo.InvariantCulture, path, spelled), key: deployment.Key, headers: headers =>
                {
                    headers.TryAddWithoutValidation("User-Agent", "Azure-Functions-Host/4.1037.0");
                    headers.Add("X-Azure-Functions-InvocationId", "b3c2");
                    headers.Add("X-Forwarded-For", "127.0.0.1");
                });
                Assert.True(answer.StatusCode == HttpStatusCode.NotFound, $"{method} /{path} for {spelled} was answered {answer.StatusCode}.");
            }
        }

        Assert.Equal((Office.Credit - Quote, Quote), await deployment.BalanceAsync());
    }
}
