using ServerlessImages.Ledger;

namespace ServerlessImages.Tests.Ledger;

/// <summary>Money that goes back: once for each refund, never more than is there, and the rest is a debt that the next payment pays.</summary>
public sealed class RefundTests
{
    private readonly LedgerFixture fixture = new();

    [Fact]
    public async Task A_refund_takes_what_is_available_once_however_often_it_is_told()
    {
        await fixture.GrantAsync(100);

        var first = await RefundAsync(40);
        var again = await RefundAsync(40);

        Assert.Equal(first, again);
        Assert.Equal((EntryType.Refund, "re_1", "grant_1", new Money(40)), (first.Type, first.Id, first.GrantId, first.Amount));
        Assert.Equal((new Money(60), Money.Zero), await AvailableAndDebtAsync());
        await fixture.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task What_was_spent_of_a_refunded_payment_is_debt_and_stops_spending_from_both_pots()
    {
        await fixture.GrantAsync(100);
        await fixture.Ledger.SetLimitAsync(Sample.Partition, new(500));
        await fixture.SettleAsync(await fixture.HoldAsync("req_1", 70), 70);
        await RefundAsync(100);

        var error = (await fixture.Ledger.HoldAsync(Sample.Partition, Sample.Hold("req_2", 1))).Error();

        Assert.Equal(("account_in_debt", "0.000070"), (error.Code, error.Details["debt_usd"]));
        Assert.Equal((Money.Zero, new Money(70)), await AvailableAndDebtAsync());
        await fixture.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task The_next_payment_pays_the_debt_first()
    {
        await fixture.GrantAsync(100);
        await fixture.SettleAsync(await fixture.HoldAsync("req_1", 70), 70);
        await RefundAsync(100);

        await fixture.GrantAsync(60, "grant_2");
        var stillInDebt = await AvailableAndDebtAsync();
        await fixture.GrantAsync(60, "grant_3");

        Assert.Equal((Money.Zero, new Money(10)), stillInDebt);
        Assert.Equal((new Money(50), Money.Zero), await AvailableAndDebtAsync());
        Assert.Equal(new Money(50), (await fixture.HoldAsync("req_2", 50)).Hold.Quote);
        await fixture.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task An_open_request_is_charged_all_the_same_and_what_it_gives_back_pays_the_debt()
    {
        await fixture.GrantAsync(100);
        var hold = await fixture.HoldAsync("req_1", 80);
        await RefundAsync(100);
        var whileItRuns = await AvailableAndDebtAsync();

        var entry = (await fixture.SettleAsync(hold, 30)).Value();

        Assert.Equal((Money.Zero, new Money(80)), whileItRuns);
        Assert.Equal(new Money(30), entry.Amount);
        Assert.Equal((Money.Zero, new Money(30)), await AvailableAndDebtAsync());
        await fixture.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task A_dispute_that_is_won_is_given_back_once()
    {
        await fixture.GrantAsync(100);
        var dispute = await fixture.Ledger.DisputeAsync(Sample.Partition, "dp_1", "grant_1", new(100));
        Assert.Equal((EntryType.Dispute, Money.Zero), (dispute.Type, (await fixture.BalanceAsync()).Available));

        var first = await ReverseAsync("dp_1");
        var again = await ReverseAsync("dp_1");

        Assert.Equal(first, again);
        Assert.Equal((EntryType.Reversal, "dp_1", "grant_1", new Money(100)), (first!.Type, first.Id, first.GrantId, first.Amount));
        Assert.Equal((new Money(100), Money.Zero), await AvailableAndDebtAsync());
        await fixture.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task What_was_never_taken_is_not_given_back()
    {
        await fixture.GrantAsync(100);

        Assert.Null(await ReverseAsync("re_unknown"));

        Assert.Equal(1, (await fixture.BalanceAsync()).Sequence);
    }

    [Fact]
    public async Task A_refund_that_is_told_before_its_payment_is_paid_by_it()
    {
        await RefundAsync(100);
        await fixture.GrantAsync(100);

        Assert.Equal((Money.Zero, Money.Zero), await AvailableAndDebtAsync());
        await fixture.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task A_refund_whose_answer_was_lost_is_taken_once()
    {
        var own = new LedgerFixture(time: new JumpingClock());
        await own.GrantAsync(100);
        own.Store.NextCommits.Enqueue(Fault.AnswerLost);

        await own.Ledger.RefundAsync(Sample.Partition, "re_1", "grant_1", new(40));
        await own.Instance().RefundAsync(Sample.Partition, "re_1", "grant_1", new(40));

        Assert.Equal(new Money(60), (await own.BalanceAsync()).Available);
        await own.AssertBooksAgreeAsync();
    }

    private async Task<(Money Available, Money Debt)> AvailableAndDebtAsync() => await fixture.BalanceAsync() is var balance ? (balance.Available, balance.Debt) : default;

    private Task<LedgerEntry> RefundAsync(long micros) => fixture.Ledger.RefundAsync(Sample.Partition, "re_1", "grant_1", new(micros));

    private Task<LedgerEntry?> ReverseAsync(string id) => fixture.Ledger.ReverseAsync(Sample.Partition, id, TestContext.Current.CancellationToken);
}
