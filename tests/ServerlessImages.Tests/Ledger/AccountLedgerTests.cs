using ServerlessImages.Ledger;
using ServerlessImages.Storage;

namespace ServerlessImages.Tests.Ledger;

public sealed class AccountLedgerTests
{
    private readonly LedgerFixture fixture = new();

    [Fact]
    public async Task Settling_less_than_the_hold_returns_the_rest()
    {
        await fixture.GrantAsync(100);
        var hold = await fixture.HoldAsync("req_1", 60);
        Assert.Equal((new Money(40), new Money(60)), await AvailableAndHeldAsync());

        await fixture.SettleAsync(hold, 25);

        Assert.Equal((new Money(75), Money.Zero), await AvailableAndHeldAsync());
        await fixture.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task A_void_returns_everything_and_says_why()
    {
        await fixture.GrantAsync(100);
        var hold = await fixture.HoldAsync("req_1", 60);

        var entry = await fixture.VoidAsync(hold);

        Assert.Equal((EntryType.Void, Money.Zero, "upstream_failed"), (entry.Type, entry.Amount, entry.Request!.ErrorCode));
        Assert.Equal((new Money(100), Money.Zero), await AvailableAndHeldAsync());
        await fixture.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task An_entry_reads_back_as_it_was_written()
    {
        await fixture.GrantAsync(100);
        var hold = await fixture.HoldAsync("req_1", 60);
        var closed = new ClosedRequest(Sample.Summary(), new(60), Rail.Prepaid, hold.Hold.HeldAt, new(20), 1, new(8, 0, 196), "sweden", "");

        var written = (await fixture.Ledger.SettleAsync(Sample.Partition, hold, new(25), closed)).Value();
        var (read, open) = await fixture.Ledger.FindAsync(Sample.Partition, "req_1", TestContext.Current.CancellationToken);

        Assert.Equal(written, read);
        Assert.Equal(closed, read!.Request);
        Assert.Null(open);
    }

    [Fact]
    public async Task A_hold_beyond_the_balance_is_refused_with_what_is_missing()
    {
        await fixture.GrantAsync(100);

        var error = (await fixture.Ledger.HoldAsync(Sample.Partition, Sample.Hold("req_1", 101))).Error();

        Assert.Equal("insufficient_balance", error.Code);
        Assert.Equal("0.000001", error.Details["missing_usd"]);
        await fixture.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task An_account_that_was_never_granted_anything_has_nothing()
    {
        Assert.Equal("insufficient_balance", (await fixture.Ledger.HoldAsync(Sample.Partition, Sample.Hold("req_1", 1))).Error().Code);
        Assert.Equal(Balance.Empty, await fixture.BalanceAsync());
    }

    [Fact]
    public async Task A_grant_announced_twice_counts_once()
    {
        var first = await fixture.GrantAsync(100, "pi_1");
        var second = await fixture.GrantAsync(100, "pi_1");
        await fixture.GrantAsync(50, "pi_2");

        Assert.Equal(first, second);
        Assert.Equal((new Money(150), Money.Zero), await AvailableAndHeldAsync());
        await fixture.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task A_hold_closes_once_and_the_second_learns_how()
    {
        await fixture.GrantAsync(100);
        var hold = await fixture.HoldAsync("req_1", 60);
        await fixture.VoidAsync(hold);

        Assert.Equal("hold_expired", (await fixture.SettleAsync(hold, 60)).Error().Code);
        Assert.Equal(EntryType.Void, (await fixture.Ledger.ExpireAsync(Sample.Partition, hold)).Type);
        await fixture.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task The_open_request_limit_is_exact()
    {
        await fixture.GrantAsync(100);
        var plan = Sample.Plan(open: 2);
        var results = await Task.WhenAll(Enumerable.Range(0, 5).Select(number => fixture.Ledger.HoldAsync(Sample.Partition, Sample.Hold($"req_{number}", 1, plan))));

        Assert.Equal(2, results.Count(result => result.TryGet(out _, out _)));
        Assert.All(results.Where(result => !result.TryGet(out _, out _)), result => Assert.Equal("too_many_open_requests", result.Error().Code));
        await fixture.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task A_rate_refusal_changes_nothing_and_says_when()
    {
        await fixture.GrantAsync(100);
        var plan = Sample.Plan(requestsPerMinute: 60, burst: 1);
        await fixture.Ledger.HoldAsync(Sample.Partition, Sample.Hold("req_1", 1, plan));

        var error = (await fixture.Ledger.HoldAsync(Sample.Partition, Sample.Hold("req_2", 1, plan))).Error();
        fixture.Clock.Advance(error.RetryAfter!.Value);
        var later = await fixture.Ledger.HoldAsync(Sample.Partition, Sample.Hold("req_3", 1, plan));

        Assert.Equal(("rate_limit_exceeded", TimeSpan.FromSeconds(1)), (error.Code, error.RetryAfter.Value));
        Assert.Equal((60, 0, TimeSpan.FromSeconds(1)), (error.Pace!.RequestsPerMinute, error.Pace.Remaining, error.Pace.Reset));
        Assert.Equal("req_3", later.Value().Hold!.Hold.Id);
        await fixture.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task Test_money_lives_in_a_partition_of_its_own()
    {
        await fixture.GrantAsync(100);

        var test = Sample.Partition with { Livemode = false };

        Assert.Equal("acct_sample-test", test.Key);
        Assert.Equal(test, LedgerPartition.Parse(test.Key));
        Assert.Equal(Balance.Empty, await fixture.Ledger.BalanceAsync(test, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task On_the_quiet_path_a_paid_request_is_two_transactions_and_no_read()
    {
        await fixture.GrantAsync(1_000);
        await fixture.SettleAsync(await fixture.HoldAsync("req_1", 10), 5);
        var (commits, reads) = (fixture.Store.Commits, fixture.Store.Reads);

        await fixture.SettleAsync(await fixture.HoldAsync("req_2", 10), 5);

        Assert.Equal((2, 0), (fixture.Store.Commits - commits, fixture.Store.Reads - reads));
    }

    [Fact]
    public async Task Many_requests_at_once_share_transactions_and_stay_exact()
    {
        var slow = new LedgerFixture(new YieldingTableStore(new InMemoryTableStore()));
        await slow.GrantAsync(20);
        var commits = slow.Store.Commits;

        var results = await Task.WhenAll(Enumerable.Range(0, 200).Select(number => slow.Ledger.HoldAsync(Sample.Partition, Sample.Hold($"req_{number}", 1))));

        Assert.Equal(20, results.Count(result => result.TryGet(out _, out _)));
        Assert.InRange(slow.Store.Commits - commits, 1, 20);
        await slow.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task Instances_that_race_never_spend_more_than_there_is()
    {
        var shared = new LedgerFixture(new YieldingTableStore(new InMemoryTableStore()), TimeProvider.System);
        await shared.GrantAsync(30);
        var ledgers = Enumerable.Range(0, 4).Select(_ => shared.Instance()).ToArray();

        var results = await Task.WhenAll(Enumerable.Range(0, 80).Select(async number =>
        {
            var ledger = ledgers[number % ledgers.Length];
            var held = await ledger.HoldAsync(Sample.Partition, Sample.Hold($"req_{number}", 1));
            if (!held.TryGet(out var outcome, out _)) return 0;
            var hold = outcome.Hold!;
            await ledger.SettleAsync(Sample.Partition, hold, new(1), hold.Hold.Close(new(1)));
            return 1;
        }));

        Assert.Equal(30, results.Sum());
        Assert.Equal((Money.Zero, Money.Zero), ((await shared.BalanceAsync()).Available, (await shared.BalanceAsync()).Held));
        await shared.AssertBooksAgreeAsync();
    }

    private async Task<(Money Available, Money Held)> AvailableAndHeldAsync()
    {
        var balance = await fixture.BalanceAsync();
        return (balance.Available, balance.Held);
    }

    /// <summary>Answers asynchronously, as every real store does, so that callers pile up.</summary>
    private sealed class YieldingTableStore(ITableStore store) : ITableStore
    {
        public async Task<Row?> FindAsync(string table, string partition, string key, CancellationToken cancel)
        {
            await Task.Yield();
            return await store.FindAsync(table, partition, key, cancel);
        }

        public Task<IReadOnlyList<Row>> RangeAsync(string table, string partition, string from, string to, int limit, CancellationToken cancel) =>
            store.RangeAsync(table, partition, from, to, limit, cancel);

        public async Task<CommitResult> CommitAsync(string table, string partition, IReadOnlyList<RowWrite> writes, CancellationToken cancel)
        {
            await Task.Delay(1, cancel);
            return await store.CommitAsync(table, partition, writes, cancel);
        }
    }
}
