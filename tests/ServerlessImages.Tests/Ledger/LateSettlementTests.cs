using ServerlessImages.Ledger;
using ServerlessImages.Storage;

namespace ServerlessImages.Tests.Ledger;

/// <summary>Images that come after their hold has expired are charged only if nothing is broken by it.</summary>
public sealed class LateSettlementTests
{
    private readonly LedgerFixture fixture = new();

    [Fact]
    public async Task It_is_charged_if_the_money_is_still_there()
    {
        await fixture.GrantAsync(100);
        var hold = await ExpiredAsync("req_1", 60);

        var entry = (await SettleLateAsync(hold, 40)).Value();
        var again = (await SettleLateAsync(hold, 40)).Value();

        Assert.Equal((EntryType.Late, "req_1", new Money(40)), (entry.Type, entry.Id, entry.Amount));
        Assert.Equal(entry, again);
        Assert.Equal((new Money(60), 0), ((await fixture.BalanceAsync()).Available, (await fixture.BalanceAsync()).Open));
        Assert.Equal(EntryType.Late, (await fixture.Ledger.FindAsync(Sample.Partition, "req_1", TestContext.Current.CancellationToken)).Entry!.Type);
        await fixture.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task It_is_not_charged_where_nobody_gets_the_images_or_the_money_is_gone()
    {
        await fixture.GrantAsync(100);
        var unwanted = await ExpiredAsync("req_1", 60);
        var poor = await ExpiredAsync("req_2", 60);

        Assert.Equal("hold_expired", (await fixture.SettleAsync(unwanted, 40)).Error().Code);
        await fixture.HoldAsync("req_3", 61);
        Assert.Equal("hold_expired", (await SettleLateAsync(poor, 40)).Error().Code);
        await fixture.AssertBooksAgreeAsync();
    }

    /// <summary>What a closed account has is being paid back: a plan was made of it that knows of no charge to come.</summary>
    [Fact]
    public async Task A_closed_account_is_not_charged_any_more()
    {
        await fixture.GrantAsync(100);
        var hold = await ExpiredAsync("req_1", 60);
        await fixture.Ledger.StopAsync(Sample.Partition, StopReasons.AccountClosed, isOn: true);

        Assert.Equal("hold_expired", (await SettleLateAsync(hold, 40)).Error().Code);
        Assert.Equal(new Money(100), (await fixture.BalanceAsync()).Available);
        await fixture.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task It_does_not_go_over_a_budget()
    {
        await fixture.GrantAsync(1_000);
        await fixture.Ledger.SetBudgetAsync(Sample.Partition, LedgerRows.KeyBudget("key"), new(Total: new(100)));
        var late = await ExpiredAsync("req_1", 60);
        var tooLate = await ExpiredAsync("req_2", 60);
        await fixture.HoldAsync("req_3", 50);

        Assert.Equal(new Money(50), (await SettleLateAsync(late, 50)).Value().Amount);
        Assert.Equal("hold_expired", (await SettleLateAsync(tooLate, 1)).Error().Code);
        var budget = (await fixture.Ledger.FindBudgetAsync(Sample.Partition, LedgerRows.KeyBudget("key"), TestContext.Current.CancellationToken))!;
        Assert.Equal((new Money(50), new Money(50)), (budget.Total.Held, budget.Total.Settled));
        await fixture.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task A_key_that_was_taken_over_is_not_charged_a_second_time()
    {
        await fixture.GrantAsync(1_000);
        var request = Sample.Hold("req_1", 60) with { Idempotency = new("hash") };
        var hold = (await fixture.Ledger.HoldAsync(Sample.Partition, request)).Value().Hold!;
        await ExpireAsync();
        var record = (await fixture.Ledger.FindIdempotencyAsync(Sample.Partition, "hash", TestContext.Current.CancellationToken))!;
        await fixture.Instance().HoldAsync(Sample.Partition, request with { Id = "req_2", Idempotency = new("hash", record.ETag) });

        Assert.Equal("hold_expired", (await SettleLateAsync(hold, 40)).Error().Code);
        await fixture.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task A_key_whose_request_was_charged_late_cannot_be_taken_over_with_what_was_known_before()
    {
        await fixture.GrantAsync(1_000);
        var request = Sample.Hold("req_1", 60) with { Idempotency = new("hash") };
        var hold = (await fixture.Ledger.HoldAsync(Sample.Partition, request)).Value().Hold!;
        await ExpireAsync();
        var record = (await fixture.Ledger.FindIdempotencyAsync(Sample.Partition, "hash", TestContext.Current.CancellationToken))!;
        await SettleLateAsync(hold, 40);

        var takeOver = (await fixture.Instance().HoldAsync(Sample.Partition, request with { Id = "req_2", Idempotency = new("hash", record.ETag) })).Value();

        Assert.Equal("req_1", takeOver.Earlier!.RequestId);
        await fixture.AssertBooksAgreeAsync();
    }

    /// <summary>The simulation found this one in 270,000 histories: the images were charged, and their caller was told that they were not.</summary>
    [Fact]
    public async Task A_charge_that_was_applied_with_its_answer_lost_is_no_refusal_for_want_of_the_money_that_it_took()
    {
        var hooked = new HookedTableStore(new InMemoryTableStore());
        var own = new LedgerFixture(hooked);
        await own.GrantAsync(100);
        var hold = await own.HoldAsync("req_1", 60);
        own.Clock.Advance(TimeSpan.FromMinutes(11));
        await own.SweepAsync();
        Func<Task<CommitResult>>? underWay = null;
        hooked.OnCommit = (writes, commit) =>
        {
            if (underWay is not null || !writes.Any(write => write.Key == LedgerRows.LateEntry("req_1"))) return commit();
            underWay = commit;
            throw new WriteFateUnknownException("no answer");
        };

        // The entry is looked for, then the write is applied, then the balance is read.
        hooked.OnFind = key => key == LedgerRows.Balance && underWay is not null ? underWay() : Task.CompletedTask;
        var settling = own.Ledger.SettleAsync(own.Partition, hold, new(60), hold.Hold.Close(new(60)), mayBeLate: true);
        while (!settling.IsCompleted)
        {
            own.Clock.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Yield();
        }

        Assert.Equal((EntryType.Late, new Money(60)), ((await settling).Value().Type, (await own.BalanceAsync()).Settled));
        await own.AssertBooksAgreeAsync();
    }

    private async Task<OpenHold> ExpiredAsync(string id, long quote)
    {
        var hold = await fixture.HoldAsync(id, quote);
        await ExpireAsync();
        return hold;
    }

    private async Task ExpireAsync()
    {
        fixture.Clock.Advance(TimeSpan.FromMinutes(11));
        Assert.Equal(1, await fixture.SweepAsync());
    }

    private Task<Result<LedgerEntry>> SettleLateAsync(OpenHold hold, long charge) =>
        fixture.Ledger.SettleAsync(Sample.Partition, hold, new(charge), hold.Hold.Close(new(charge)), mayBeLate: true);
}
