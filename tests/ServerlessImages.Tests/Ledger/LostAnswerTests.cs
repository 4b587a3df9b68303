using ServerlessImages.Ledger;

namespace ServerlessImages.Tests.Ledger;

/// <summary>The store applies and does not say so, or does not apply, or does both in the wrong order: nobody pays for it.</summary>
public sealed class LostAnswerTests
{
    private readonly LedgerFixture fixture = new(time: new JumpingClock());

    [Fact]
    public async Task A_hold_whose_answer_was_lost_is_found_by_its_own_token()
    {
        await fixture.GrantAsync(100);
        fixture.Store.NextCommits.Enqueue(Fault.AnswerLost);

        var hold = await fixture.HoldAsync("req_1", 60);

        Assert.Equal("req_1", hold.Hold.Id);
        Assert.Single(await fixture.RowsAsync("H"));
        await fixture.SettleAsync(hold, 60);
        await fixture.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task A_hold_that_was_dropped_is_made_under_a_fresh_id()
    {
        await fixture.GrantAsync(100);
        fixture.Store.NextCommits.Enqueue(Fault.Dropped);

        var hold = await fixture.HoldAsync("req_1", 60);

        Assert.NotEqual("req_1", hold.Hold.Id);
        await fixture.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task A_hold_that_is_applied_late_finds_the_balance_changed_and_is_refused()
    {
        await fixture.GrantAsync(100);
        fixture.Store.NextCommits.Enqueue(Fault.AppliedLate);
        var held = fixture.Ledger.HoldAsync(Sample.Partition, Sample.Hold("req_1", 60));
        var hold = (await held).Value().Hold!;
        await fixture.SettleAsync(hold, 60);

        await fixture.Store.ApplyLateAsync();

        // The balance had moved on, so the late transaction found another version of it and was refused as a whole.
        Assert.Empty(await fixture.RowsAsync("H"));
        await fixture.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task A_settlement_whose_answer_was_lost_charges_once()
    {
        await fixture.GrantAsync(100);
        var hold = await fixture.HoldAsync("req_1", 60);
        fixture.Store.NextCommits.Enqueue(Fault.AnswerLost);

        var entry = (await fixture.SettleAsync(hold, 25)).Value();

        Assert.Equal(new Money(25), entry.Amount);
        Assert.Equal(new Money(75), (await fixture.BalanceAsync()).Available);
        await fixture.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task A_settlement_that_was_dropped_twice_charges_once()
    {
        await fixture.GrantAsync(100);
        var hold = await fixture.HoldAsync("req_1", 60);
        fixture.Store.NextCommits.Enqueue(Fault.Dropped);
        fixture.Store.NextCommits.Enqueue(Fault.Dropped);

        await fixture.SettleAsync(hold, 25);

        Assert.Equal(new Money(75), (await fixture.BalanceAsync()).Available);
        await fixture.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task A_settlement_that_is_applied_late_meets_the_one_that_was_sent_again()
    {
        await fixture.GrantAsync(100);
        var hold = await fixture.HoldAsync("req_1", 60);
        fixture.Store.NextCommits.Enqueue(Fault.AppliedLate);

        await fixture.SettleAsync(hold, 25);
        await fixture.Store.ApplyLateAsync();

        Assert.Equal(new Money(75), (await fixture.BalanceAsync()).Available);
        await fixture.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task A_grant_whose_answer_was_lost_counts_once()
    {
        fixture.Store.NextCommits.Enqueue(Fault.AnswerLost);

        await fixture.GrantAsync(100);

        Assert.Equal(new Money(100), (await fixture.BalanceAsync()).Granted);
        await fixture.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task While_the_store_is_down_nothing_is_sold()
    {
        await fixture.GrantAsync(100);
        fixture.Store.IsDown = true;

        var refused = (await fixture.Ledger.HoldAsync(Sample.Partition, Sample.Hold("req_1", 60))).Error();
        fixture.Store.IsDown = false;

        Assert.Equal("ledger_unavailable", refused.Code);
        Assert.Equal(new Money(100), (await fixture.BalanceAsync()).Available);
        Assert.Equal("req_2", (await fixture.HoldAsync("req_2", 60)).Hold.Id);
        await fixture.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task A_settlement_that_never_gets_through_says_so_and_stays_open()
    {
        await fixture.GrantAsync(100);
        var hold = await fixture.HoldAsync("req_1", 60);
        fixture.Store.IsDown = true;

        await Assert.ThrowsAsync<LedgerUnavailableException>(() => fixture.SettleAsync(hold, 25));
        fixture.Store.IsDown = false;

        Assert.Equal(new Money(60), (await fixture.BalanceAsync()).Held);
        await fixture.AssertBooksAgreeAsync();
    }
}
