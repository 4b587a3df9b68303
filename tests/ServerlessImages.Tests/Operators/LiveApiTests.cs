using System.Net;
using ServerlessImages.Ledger;
using ServerlessImages.Tests.Api;

namespace ServerlessImages.Tests.Operators;

/// <summary>What is going on, as an operator sees it.</summary>
public sealed class LiveApiTests : IAsyncLifetime
{
    private Desk desk = null!;

    public async ValueTask InitializeAsync() => desk = await Desk.StartAsync();

    public ValueTask DisposeAsync() => desk.DisposeAsync();

    [Fact]
    public async Task Requests_in_flight_are_counted_with_their_money_and_play_money_apart()
    {
        await HoldAsync("acct_a", isLive: true, 30, "req_1", "req_2");
        await HoldAsync("acct_b", isLive: true, 12, "req_3");
        await HoldAsync("acct_b", isLive: false, 5, "req_4");

        var live = await desk.GetAsync("/operator/v1/live");

        Assert.True(live.GetProperty("is_complete").GetBoolean());
        Assert.Equal((3, "0.000072", 2), (live.GetProperty("live").GetProperty("requests_in_flight").GetInt32(), live.Text("live", "held_usd"), live.GetProperty("live").GetProperty("accounts").GetInt32()));
        Assert.Equal((1, "0.000005"), (live.GetProperty("test").GetProperty("requests_in_flight").GetInt32(), live.Text("test", "held_usd")));
        Assert.Equal(["meter_events", "jobs", "webhooks", "billing_events"], live.GetProperty("waiting").EnumerateArray().Select(each => each.Text("work")));
    }

    [Fact]
    public async Task Every_open_hold_is_on_one_page_whatever_its_account()
    {
        for (var account = 0; account < 6; account++) await HoldAsync($"acct_{account}", isLive: true, 10, [.. Enumerable.Range(0, account).Select(each => $"req_{account}{each}")]);
        var (listed, after) = (new List<string>(), "");
        do
        {
            var page = await desk.GetAsync($"/operator/v1/holds?limit=2&after={Uri.EscapeDataString(after)}");
            listed.AddRange(page.GetProperty("data").EnumerateArray().Select(hold => hold.Text("request_id")));
            after = page.GetProperty("next_cursor").GetString() ?? "";
        }
        while (after.Length > 0);

        Assert.Equal(Enumerable.Range(0, 6).SelectMany(account => Enumerable.Range(0, account).Select(each => $"req_{account}{each}")), listed.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task The_holds_of_one_account_are_listed_alone()
    {
        var account = await desk.AccountAsync();
        await HoldAsync(account, isLive: true, 10, "req_1", "req_2", "req_3");
        await HoldAsync("acct_other", isLive: true, 10, "req_4");

        var first = await desk.GetAsync($"/operator/v1/holds?account_id={account}&limit=2");
        var second = await desk.GetAsync($"/operator/v1/holds?account_id={account}&limit=2&after={Uri.EscapeDataString(first.Text("next_cursor"))}");

        Assert.Equal(["req_1", "req_2", "req_3"], first.GetProperty("data").EnumerateArray().Concat(second.GetProperty("data").EnumerateArray()).Select(hold => hold.Text("request_id")));
        await desk.AssertRefusedAsync(HttpMethod.Get, "/operator/v1/holds?account_id=acct_nobody", null, HttpStatusCode.NotFound, "account_not_found");
        await desk.AssertRefusedAsync(HttpMethod.Get, "/operator/v1/holds?limit=0", null, HttpStatusCode.BadRequest, "invalid_value");
    }

    [Fact]
    public async Task Each_deployment_says_how_many_calls_it_takes_and_why_it_takes_none()
    {
        var all = (await desk.GetAsync("/operator/v1/deployments")).GetProperty("data");

        Assert.NotEqual(0, all.GetArrayLength());
        Assert.All(all.EnumerateArray(), each => Assert.Equal(("open", 0, 0), (each.Text("state"), each.GetProperty("free_in_seconds").GetInt32(), each.GetProperty("failures_in_a_row").GetInt32())));
    }

    private async Task HoldAsync(string account, bool isLive, long quote, params string[] ids)
    {
        var partition = new LedgerPartition(account, isLive);
        await desk.Product.Ledger.GrantAsync(partition, "grant", new(1_000_000));
        foreach (var id in ids) (await desk.Product.Ledger.HoldAsync(partition, Sample.Hold(id, quote))).Value();
    }
}
