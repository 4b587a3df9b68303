using ServerlessImages.Events;
using ServerlessImages.Ledger;
using ServerlessImages.Storage;
using ServerlessImages.Tests.Ledger;

namespace ServerlessImages.Tests.Webhooks;

/// <summary>The end of a request is told in its own transaction, where somebody wants to know, and costs nothing where nobody does.</summary>
public sealed class RequestEventTests
{
    [Fact]
    public async Task Without_an_endpoint_a_request_writes_the_rows_that_it_always_did()
    {
        var written = await RowsOfARequestAsync(_ => Task.CompletedTask);

        Assert.Equal(["B H", "B -H L S"], written);
    }

    [Fact]
    public async Task With_an_endpoint_that_wants_other_things_it_does_too()
    {
        var written = await RowsOfARequestAsync(fixture => fixture.AddAsync("https://example.com/", EventTypes.KeyRevoked, EventTypes.RequestFailed));

        Assert.Equal(["B H", "B -H L S"], written);
    }

    [Fact]
    public async Task With_one_that_wants_it_the_settlement_has_one_row_more_and_there_is_no_transaction_more()
    {
        var written = await RowsOfARequestAsync(fixture => fixture.AddAsync("https://example.com/", EventTypes.RequestSucceeded));

        Assert.Equal(["B H", "B -H L S E"], written);
    }

    [Fact]
    public async Task When_the_endpoint_is_gone_nothing_is_told_any_more()
    {
        var written = await RowsOfARequestAsync(async fixture =>
        {
            var added = await fixture.AddAsync();
            await fixture.Directory.DeleteAsync(fixture.Partition, added.Endpoint.Id, TestContext.Current.CancellationToken);
        });

        Assert.Equal(["B H", "B -H L S"], written);
    }

    [Fact]
    public async Task A_charge_tells_what_it_cost_and_where_the_rest_is()
    {
        var fixture = await AFixtureAsync();
        var hold = await fixture.Books.HoldAsync("req_1", 100);

        await fixture.Ledger.SettleAsync(fixture.Partition, hold, new(70), hold.Hold.Close(new(70)) with { Images = 1 });

        var told = await ToldAsync(fixture);
        Assert.Equal("request.succeeded", told.Type);
        Assert.Equal("""{"request_id":"req_1","operation":"generation","model":"gpt-image-2","key_id":"key","end_user":null,"tags":{},"images":1,"cost":{"amount_usd":"0.000070","currency":"usd"},"error_code":null,"request_path":"/v1/requests/req_1","receipt_path":"/v1/receipts/req_1"}""", told.Data.GetRawText());
    }

    [Fact]
    public async Task A_void_tells_why_and_that_it_cost_nothing()
    {
        var fixture = await AFixtureAsync();
        var hold = await fixture.Books.HoldAsync("req_1", 100);

        await fixture.Ledger.VoidAsync(fixture.Partition, hold, hold.Hold.Close(Money.Zero, "upstream_failed"));

        var told = await ToldAsync(fixture);
        Assert.Equal("request.failed", told.Type);
        Assert.Equal("""{"request_id":"req_1","operation":"generation","model":"gpt-image-2","key_id":"key","end_user":null,"tags":{},"images":0,"cost":{"amount_usd":"0.000000","currency":"usd"},"error_code":"upstream_failed","request_path":"/v1/requests/req_1","receipt_path":null}""", told.Data.GetRawText());
    }

    [Fact]
    public async Task One_that_nobody_finished_has_failed()
    {
        var fixture = await AFixtureAsync();
        var hold = await fixture.Books.HoldAsync("req_1", 100);

        await fixture.Ledger.ExpireAsync(fixture.Partition, hold);

        Assert.Contains("\"error_code\":\"hold_expired\"", (await ToldAsync(fixture)).Data.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_full_transaction_of_requests_that_are_all_told_stays_within_its_hundred_rows()
    {
        var fixture = await AFixtureAsync(new HookedTableStore(new InMemoryTableStore()));
        await fixture.Books.GrantAsync(1_000_000, "more");
        var holds = await Task.WhenAll(Enumerable.Range(0, 100).Select(each => fixture.Books.HoldAsync($"req_{each}", 100)));

        await Task.WhenAll(holds.Select((hold, each) => each % 2 == 0 ? fixture.Ledger.SettleAsync(fixture.Partition, hold, new(1), hold.Hold.Close(new(1))) : (Task)fixture.Ledger.VoidAsync(fixture.Partition, hold, hold.Hold.Close(Money.Zero, "upstream_failed"))));

        Assert.Equal(100, (await fixture.Books.RowsAsync("E")).Count);
        await fixture.Books.AssertBooksAgreeAsync();
    }

    private static async Task<WebhookFixture> AFixtureAsync(ITableStore? store = null)
    {
        var fixture = new WebhookFixture(store);
        await fixture.Books.GrantAsync(1_000_000);
        await fixture.AddAsync("https://example.com/", EventTypes.RequestSucceeded, EventTypes.RequestFailed);
        return fixture;
    }

    private static async Task<EventFact> ToldAsync(WebhookFixture fixture) => Assert.Single(EventRow.From(Assert.Single(await fixture.Books.RowsAsync("E"))).Facts);

    /// <returns>Each transaction of a request that succeeds, as the kinds of its rows.</returns>
    private static async Task<IReadOnlyList<string>> RowsOfARequestAsync(Func<WebhookFixture, Task> prepare)
    {
        var store = new HookedTableStore(new InMemoryTableStore());
        var fixture = new WebhookFixture(store);
        await fixture.Books.GrantAsync(1_000_000);
        await prepare(fixture);
        var warm = await HoldAsync(fixture, "req_warm");
        await fixture.Ledger.VoidAsync(fixture.Partition, warm, warm.Hold.Close(Money.Zero, "upstream_failed"));

        var written = new List<string>();
        store.OnCommit = (writes, commit) =>
        {
            written.Add(string.Join(' ', writes.Select(write => (write.Kind == RowWriteKind.Delete ? "-" : "") + write.Key.Split('|')[0])));
            return commit();
        };
        var reads = 0;
        store.OnFind = _ => Task.FromResult(reads++);
        var hold = await HoldAsync(fixture, "req_1");
        await fixture.Ledger.SettleAsync(fixture.Partition, hold, new(70), hold.Hold.Close(new(70)));
        Assert.Equal(0, reads);
        return written;
    }

    private static async Task<OpenHold> HoldAsync(WebhookFixture fixture, string id) => (await fixture.Ledger.HoldAsync(fixture.Partition, Sample.Hold(id, 100))).Value().Hold!;
}
