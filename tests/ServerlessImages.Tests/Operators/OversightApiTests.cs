using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using ServerlessImages.Books;
using ServerlessImages.Deployments;
using ServerlessImages.Ledger;
using ServerlessImages.Storage;
using ServerlessImages.Tests.Api;

namespace ServerlessImages.Tests.Operators;

/// <summary>Books and incidents of all accounts.</summary>
public sealed class OversightApiTests : IAsyncLifetime
{
    private Desk desk = null!;

    public async ValueTask InitializeAsync() => desk = await Desk.StartAsync(null, ("Pool:ClosedMax", "00:15:00"));

    public ValueTask DisposeAsync() => desk.DisposeAsync();

    [Fact]
    public async Task A_closed_day_lists_every_account_and_names_the_rows_that_differ()
    {
        foreach (var account in (string[])["acct_a", "acct_b", "acct_c"]) await desk.Product.Ledger.GrantAsync(new(account, true), "grant", new(1_000_000));
        await BreakAsync("acct_b");
        var day = await CloseAsync();

        var first = await desk.GetAsync($"/operator/v1/books/{day}?limit=2");
        var second = await desk.GetAsync($"/operator/v1/books/{day}?limit=2&after={first.Text("next_cursor")}");
        var incident = (await desk.GetAsync("/operator/v1/incidents")).GetProperty("data")[0];

        // Nobody has held them against the collector yet.
        Assert.Equal([("acct_a", "pending"), ("acct_b", "different"), ("acct_c", "pending")], first.GetProperty("data").EnumerateArray().Concat(second.GetProperty("data").EnumerateArray()).Where(each => each.Text("account_id").Length == 6).Select(each => (each.Text("account_id"), each.Text("state"))));
        Assert.Equal("balance_granted", first.GetProperty("data")[1].GetProperty("differences")[0].Text("code"));
        Assert.Equal(("books_differ", day, "acct_b"), (incident.Text("kind"), incident.Text("id"), incident.Text("account_id")));
        Assert.Contains("1 balance_granted", incident.Text("cause"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_differs_from_Stripe_is_an_incident_with_both_rows_until_it_fits()
    {
        var differences = desk.Product.Local.Services.GetRequiredService<CollectorDifferences>();
        var (day, cancel) = (DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime), TestContext.Current.CancellationToken);
        foreach (var (account, id) in ((string, string)[])[("acct_a", "pi_1"), ("acct_a", "pi_2"), ("acct_b", "pi_3")]) await differences.NoteAsync(account, ComparedKind.Payment, id, new(ComparedKind.Payment, id, day, new("grant_amount", $"G|{id}", "2.000000", "3.000000 usd", id), MayPend: false), day, cancel);
        await differences.NoteAsync("acct_b", ComparedKind.Payment, "pi_pending", new(ComparedKind.Payment, "pi_pending", day, new("grant_unknown", "G|pi_pending", "2.000000", "", "pi_pending")), day, cancel);

        var first = await desk.GetAsync("/operator/v1/incidents?limit=2");
        var second = await desk.GetAsync($"/operator/v1/incidents?limit=2&after={Uri.EscapeDataString(first.Text("next_cursor"))}");
        foreach (var (account, id) in ((string, string)[])[("acct_a", "pi_1"), ("acct_b", "pi_3")]) await differences.NoteAsync(account, ComparedKind.Payment, id, found: null, day, cancel);

        Assert.Equal(["collector_differs pi_1", "collector_differs pi_2", "collector_differs pi_3"], first.GetProperty("data").EnumerateArray().Concat(second.GetProperty("data").EnumerateArray()).Select(each => $"{each.Text("kind")} {each.Text("id")}"));
        Assert.Equal("grant_amount: G|pi_1 says 2.000000, pi_1 says 3.000000 usd", first.GetProperty("data")[0].Text("cause"));
        Assert.Equal("pi_2", Assert.Single((await desk.GetAsync("/operator/v1/incidents")).GetProperty("data").EnumerateArray()).Text("id"));
    }

    [Fact]
    public async Task A_day_that_is_not_closed_or_is_no_day_says_so()
    {
        await desk.AssertRefusedAsync(HttpMethod.Get, "/operator/v1/books/2020-01-01", null, HttpStatusCode.NotFound, "books_not_closed");
        await desk.AssertRefusedAsync(HttpMethod.Get, "/operator/v1/books/yesterday", null, HttpStatusCode.BadRequest, "invalid_value");
    }

    [Fact]
    public async Task A_deployment_that_fails_is_an_incident_until_it_works_again()
    {
        var deployment = desk.Product.Local.Services.GetRequiredService<IImageDeployments>().All[0];
        var states = desk.Product.Local.Services.GetRequiredService<DeploymentStates>();
        for (var times = 0; times < DeploymentState.FailuresMax; times++) await states.EndAsync(deployment, new(ApiError.ServerError, AttemptEnd.Failed), TestContext.Current.CancellationToken);

        var incident = Assert.Single((await desk.GetAsync("/operator/v1/incidents")).GetProperty("data").EnumerateArray().ToArray());
        var shown = (await desk.GetAsync("/operator/v1/deployments")).GetProperty("data").EnumerateArray().Single(each => each.Text("name") == deployment.Name);
        await states.EndAsync(deployment, new(ApiError.ServerError, AttemptEnd.Answered), TestContext.Current.CancellationToken);

        Assert.Equal(("deployment_failing", deployment.Name), (incident.Text("kind"), incident.Text("id")));
        Assert.Equal(("failing", 3), (shown.Text("state"), shown.GetProperty("failures_in_a_row").GetInt32()));
    }

    /// <summary>Somebody changes the balance by hand.</summary>
    private async Task BreakAsync(string account)
    {
        var store = desk.Product.Local.Services.GetRequiredService<ITableStore>();
        var row = (await store.FindAsync(TableNames.Ledger, account, LedgerRows.Balance, TestContext.Current.CancellationToken))!;
        var balance = Balance.From(row.Columns);
        await store.CommitAsync(TableNames.Ledger, account, [RowWrite.Replace(LedgerRows.Balance, (balance with { Granted = balance.Granted + new Money(1) }).ToColumns(), row.ETag)], TestContext.Current.CancellationToken);
    }

    /// <summary>As on the day after tomorrow.</summary>
    private async Task<string> CloseAsync()
    {
        var services = desk.Product.Local.Services;
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow().AddDays(2));
        var (store, open) = (services.GetRequiredService<ITableStore>(), new OpenPartitions(services.GetRequiredService<ITableStore>(), clock));
        var ledger = new AccountLedger(store, open, clock, new SystemEntropy());
        var books = new CloseBooks(ledger, open, store, services.GetRequiredService<IBlobStore>(), new(store), services.GetRequiredService<CheckImages>(), new(store), new(new(store, ledger)), new(store, ledger, open, new(store, ledger), clock), new(store), clock);
        await books.RunAsync((_, _) => { }, _ => { }, (partition, cause) => throw new InvalidOperationException(partition.Key, cause), TestContext.Current.CancellationToken);
        return TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);
    }
}
