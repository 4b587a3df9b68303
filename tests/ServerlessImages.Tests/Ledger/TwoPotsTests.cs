using ServerlessImages.Ledger;
using ServerlessImages.Storage;

namespace ServerlessImages.Tests.Ledger;

/// <summary>Credit that was bought before, and a limit for trusted accounts: every hold takes one of them, whole.</summary>
public sealed class TwoPotsTests
{
    private readonly LedgerFixture fixture = new();

    [Fact]
    public async Task A_hold_takes_prepaid_credit_while_it_covers_it_and_else_the_limit()
    {
        await fixture.GrantAsync(100);
        await fixture.Ledger.SetLimitAsync(Sample.Partition, new(150));

        var first = await fixture.HoldAsync("req_1", 80);
        var second = await fixture.HoldAsync("req_2", 80);
        var third = await fixture.HoldAsync("req_3", 20);
        var fourth = await fixture.HoldAsync("req_4", 70);
        var refused = (await fixture.Ledger.HoldAsync(Sample.Partition, Sample.Hold("req_5", 1))).Error();

        Assert.Equal([Rail.Prepaid, Rail.Postpaid, Rail.Prepaid, Rail.Postpaid], new[] { first, second, third, fourth }.Select(each => each.Hold.Rail));
        Assert.Equal("insufficient_balance", refused.Code);
        await fixture.SettleAsync(second, 50);
        await fixture.VoidAsync(fourth);
        var balance = await fixture.BalanceAsync();
        Assert.Equal((new Money(50), Money.Zero, new Money(100)), (balance.Owed, balance.OwedHeld, balance.AvailableCredit));
        Assert.Equal((Money.Zero, new Money(100)), (balance.Settled, balance.Held));
        await fixture.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task What_is_paid_of_an_invoice_can_be_used_again_once_however_often_it_is_told()
    {
        await fixture.Ledger.SetLimitAsync(Sample.Partition, new(100));
        await fixture.SettleAsync(await fixture.HoldAsync("req_1", 100), 100);
        Assert.Equal(Money.Zero, (await fixture.BalanceAsync()).AvailableCredit);

        var first = await fixture.Ledger.PayAsync(Sample.Partition, "in_1", new(60));
        var again = await fixture.Instance().PayAsync(Sample.Partition, "in_1", new(60));

        var balance = await fixture.BalanceAsync();
        Assert.Equal(first, again);
        Assert.Equal((EntryType.Payment, "in_1", new Money(60)), (first.Type, first.Id, first.Amount));
        Assert.Equal((new Money(100), new Money(60), new Money(40), new Money(60)), (balance.Owed, balance.Paid, balance.Unpaid, balance.AvailableCredit));
        Assert.Equal(Rail.Postpaid, (await fixture.HoldAsync("req_2", 60)).Hold.Rail);
        await fixture.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task What_is_charged_in_an_hour_is_written_once_when_the_next_begins()
    {
        await fixture.GrantAsync(100);
        await fixture.Ledger.SetLimitAsync(Sample.Partition, new(100));
        await fixture.SettleAsync(await fixture.HoldAsync("req_1", 100), 70);
        await fixture.SettleAsync(await fixture.HoldAsync("req_2", 100), 60);
        Assert.Empty(await fixture.RowsAsync("U"));

        fixture.Clock.Advance(TimeSpan.FromHours(3));
        var hold = await fixture.HoldAsync("req_3", 10);
        var closed = UsageHour.From(Assert.Single(await fixture.RowsAsync("U")));
        await fixture.SettleAsync(hold, 10);

        Assert.Equal(new UsageHour(LedgerHour.Of(Sample.Now), new(70), new(60)), closed);
        Assert.Equal(new UsageHour(LedgerHour.Of(Sample.Now.AddHours(3)), new(10), Money.Zero), (await fixture.BalanceAsync()).Usage);
        await fixture.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task An_hour_without_a_charge_leaves_no_row()
    {
        await fixture.GrantAsync(100);
        await fixture.VoidAsync(await fixture.HoldAsync("req_1", 100));
        fixture.Clock.Advance(TimeSpan.FromHours(1));
        await fixture.HoldAsync("req_2", 10);

        Assert.Empty(await fixture.RowsAsync("U"));
    }

    [Fact]
    public async Task A_clock_that_goes_back_charges_in_the_later_hour()
    {
        await fixture.GrantAsync(100);
        fixture.Clock.Advance(TimeSpan.FromHours(1));
        var hold = await fixture.HoldAsync("req_1", 100);
        var behind = new AccountLedger(new StoreLimits(fixture.Store), new(fixture.Store, Sample.Clock()), Sample.Clock(), new SystemEntropy());
        var entry = (await behind.SettleAsync(Sample.Partition, hold, new(5), hold.Hold.Close(Money.Zero))).Value();

        Assert.Equal(LedgerHour.Of(Sample.Now.AddHours(1)), entry.Hour);
        Assert.Equal(new Money(5), (await fixture.BalanceAsync()).Usage.Prepaid);
    }
}
