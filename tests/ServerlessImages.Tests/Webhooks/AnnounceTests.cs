using System.Text.Json;
using ServerlessImages.Books;
using ServerlessImages.Events;
using ServerlessImages.Keys;
using ServerlessImages.Ledger;
using ServerlessImages.Tests.Ledger;

namespace ServerlessImages.Tests.Webhooks;

/// <summary>What has no entry is told in an event of its own: once, whoever tells it how often.</summary>
public sealed class AnnounceTests
{
    private static readonly EventFact Fact = new(EventTypes.KeyRevoked, JsonSerializer.SerializeToElement(new { key_id = "key" }));

    [Fact]
    public async Task What_is_told_again_is_the_same_event()
    {
        var fixture = new LedgerFixture();

        var numbers = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => fixture.Instance().AnnounceAsync(fixture.Partition, Fact, "once")));
        var other = await fixture.Ledger.AnnounceAsync(fixture.Partition, Fact, "other");

        Assert.Equal([1, 1, 1, 1, 1], numbers);
        Assert.Equal(2, other);
        Assert.Equal(2, (await fixture.RowsAsync("E")).Count);
    }

    [Fact]
    public async Task Without_a_name_it_is_told_each_time()
    {
        var fixture = new LedgerFixture();

        Assert.Equal(1, await fixture.Ledger.AnnounceAsync(fixture.Partition, Fact));
        Assert.Equal(2, await fixture.Ledger.AnnounceAsync(fixture.Partition, Fact));
    }

    [Theory]
    [InlineData(Fault.AnswerLost)]
    [InlineData(Fault.Dropped)]
    public async Task One_whose_answer_was_lost_is_told_once(object fault)
    {
        var fixture = new LedgerFixture(time: new JumpingClock());
        fixture.Store.NextCommits.Enqueue((Fault)fault);

        Assert.Equal(1, await fixture.Ledger.AnnounceAsync(fixture.Partition, Fact));

        Assert.Single(await fixture.RowsAsync("E"));
        Assert.Equal(1, (await fixture.BalanceAsync()).Events);
    }

    [Fact]
    public async Task Of_a_key_all_that_is_done_to_it_is_told_and_never_its_text()
    {
        var (fixture, cancel) = (new LedgerFixture(), TestContext.Current.CancellationToken);
        var keys = new ApiKeyDirectory(fixture.Store, fixture.Clock);
        var list = new KeyList(fixture.Store, keys);
        var mint = new MintApiKey(keys, list, new(new Dictionary<int, byte[]> { [1] = new byte[32] }), new SeededEntropy(), fixture.Clock);
        var revoke = new RevokeApiKey(keys, list, fixture.Ledger);

        var made = (await new CreateApiKey(mint, list, fixture.Ledger).RunAsync(fixture.Partition, new KeyTerms([Scope.UsageRead]), new BudgetLimits(), cancel)).Value();
        await new SwitchApiKey(keys, fixture.Ledger).RunAsync(fixture.Partition, made.Key.Id, "named", disabled: true, cancel);
        await new SwitchApiKey(keys, fixture.Ledger).RunAsync(fixture.Partition, made.Key.Id, null, disabled: false, cancel);
        var next = (await new RotateApiKey(keys, mint, revoke, fixture.Ledger, fixture.Clock).RunAsync(fixture.Partition, made.Key.Id, TimeSpan.FromDays(1), cancel)).Value();
        await revoke.RunAsync(fixture.Partition, made.Key.Id, cancel);
        await revoke.RunAsync(fixture.Partition, made.Key.Id, cancel);

        var told = (await fixture.RowsAsync("E")).SelectMany(row => EventRow.From(row).Facts).ToArray();
        Assert.Equal(["key.created", "key.disabled", "key.rotated", "key.revoked"], told.Select(fact => fact.Type));
        Assert.Equal($$"""{"key_id":"{{made.Key.Id}}","scopes":["usage:read"],"expires_at":null,"successor_key_id":"{{next.Key.Id}}"}""", told[2].Data.GetRawText());
        Assert.All(told, fact => Assert.DoesNotContain(made.Text.Text, fact.Data.GetRawText(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_closing_of_a_days_books_is_told_once_also_when_the_closer_dies_before_it_tells()
    {
        var fixture = new WebhookFixture();
        await fixture.AddAsync("https://example.com/", EventTypes.BooksClosed);
        await fixture.Books.GrantAsync(100);
        fixture.Books.Clock.Advance(TimeSpan.FromDays(1));
        var commits = 0;
        var dying = new HookedTableStore(fixture.Store) { Table = ServerlessImages.Storage.TableNames.Ledger };
        dying.OnCommit = (writes, commit) => writes.Any(write => write.Key.StartsWith("T|", StringComparison.Ordinal)) && commits++ == 0 ? throw new InvalidOperationException("died") : commit();

        await Assert.ThrowsAsync<InvalidOperationException>(() => Books(dying, fixture).CloseAsync(fixture.Partition, TestContext.Current.CancellationToken));
        Assert.Empty(await fixture.Books.RowsAsync("T"));
        await Books(dying, fixture).CloseAsync(fixture.Partition, TestContext.Current.CancellationToken);
        await Books(dying, fixture).CloseAsync(fixture.Partition, TestContext.Current.CancellationToken);

        var told = Assert.Single((await fixture.Books.RowsAsync("E")).SelectMany(row => EventRow.From(row).Facts));
        Assert.Equal(("books.closed", """{"day":"2026-11-23","books_path":"/v1/books/2026-11-23"}"""), (told.Type, told.Data.GetRawText()));
    }

    [Fact]
    public async Task Where_nobody_wants_it_the_closing_of_books_is_not_told()
    {
        var fixture = new WebhookFixture();
        await fixture.Books.GrantAsync(100);
        fixture.Books.Clock.Advance(TimeSpan.FromDays(1));

        Assert.Single(await Books(fixture.Store, fixture).CloseAsync(fixture.Partition, TestContext.Current.CancellationToken));

        Assert.Empty(await fixture.Books.RowsAsync("E"));
    }

    [Fact]
    public async Task An_account_stays_listed_as_long_as_something_is_to_be_delivered()
    {
        var fixture = new WebhookFixture();
        await fixture.AddAsync();
        fixture.Answer = _ => Task.FromResult(new ServerlessImages.Webhooks.WebhookAnswer(500, ""));
        await fixture.TellAsync();
        await fixture.DeliverAsync();
        fixture.Books.Clock.Advance(TimeSpan.FromHours(3));

        await RunBooksAsync(fixture);
        Assert.True(await IsListedAsync(fixture));

        fixture.Answer = _ => Task.FromResult(new ServerlessImages.Webhooks.WebhookAnswer(200, ""));
        await fixture.DeliverAsync();
        await RunBooksAsync(fixture);
        Assert.False(await IsListedAsync(fixture));
    }

    private static async Task RunBooksAsync(WebhookFixture fixture)
    {
        await fixture.Books.SweepAsync();
        await Books(fixture.Store, fixture).RunAsync((_, _) => { }, _ => { }, (partition, cause) => WebhookFixture.Fail(partition.Key, cause), TestContext.Current.CancellationToken);
    }

    private static async Task<bool> IsListedAsync(WebhookFixture fixture)
    {
        await foreach (var _ in fixture.Open.AllAsync(TestContext.Current.CancellationToken)) return true;
        return false;
    }

    private static CloseBooks Books(ServerlessImages.Storage.ITableStore store, WebhookFixture fixture)
    {
        var ledger = new AccountLedger(store, new(store, fixture.Books.Clock), fixture.Books.Clock, new SystemEntropy());
        return new(ledger, new(store, fixture.Books.Clock), store, fixture.Books.Blobs, new(store), new(store, fixture.Books.Results), new(store), new(new(store, ledger)), new(store, ledger, new(store, fixture.Books.Clock), new(store, ledger), fixture.Books.Clock), new(store), fixture.Books.Clock);
    }
}
