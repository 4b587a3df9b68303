using ServerlessImages.Ledger;

namespace ServerlessImages.Tests.Ledger;

/// <summary>A stopped account spends nothing, whatever its money, and goes on when the last reason is gone.</summary>
public sealed class StopTests
{
    private readonly LedgerFixture fixture = new();

    [Fact]
    public async Task While_a_reason_is_set_nothing_is_held_from_neither_pot_and_the_error_says_why()
    {
        await fixture.GrantAsync(100);
        await fixture.Ledger.SetLimitAsync(fixture.Partition, new(100));
        await fixture.Ledger.StopAsync(fixture.Partition, StopReasons.InvoiceUnpaid, isOn: true);
        await fixture.Ledger.StopAsync(fixture.Partition, StopReasons.InvoiceUnpaid, isOn: true);
        await fixture.Ledger.StopAsync(fixture.Partition, StopReasons.PaymentDisputed, isOn: true);

        var error = (await fixture.Ledger.HoldAsync(fixture.Partition, Sample.Hold("req_1", 10))).Error();
        await fixture.Ledger.StopAsync(fixture.Partition, StopReasons.PaymentDisputed, isOn: false);
        var still = (await fixture.Ledger.HoldAsync(fixture.Partition, Sample.Hold("req_2", 10))).Error();
        await fixture.Ledger.StopAsync(fixture.Partition, StopReasons.InvoiceUnpaid, isOn: false);

        Assert.Equal(("account_paused", "invoice_unpaid payment_disputed"), (error.Code, error.Details["reasons"]));
        Assert.Contains("POST /v1/billing/portal", error.Message, StringComparison.Ordinal);
        Assert.Equal(("account_paused", "invoice_unpaid"), (still.Code, still.Details["reasons"]));
        await fixture.HoldAsync("req_3", 10);
        await fixture.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task What_is_held_already_is_charged()
    {
        await fixture.GrantAsync(100);
        var hold = await fixture.HoldAsync("req_1", 60);
        await fixture.Ledger.StopAsync(fixture.Partition, StopReasons.PaymentDisputed, isOn: true);

        (await fixture.SettleAsync(hold, 50)).Value();

        Assert.Equal(new Money(50), (await fixture.BalanceAsync()).Settled);
    }

    [Fact]
    public async Task An_instance_that_knows_of_the_stop_only_from_before_it_was_lifted_looks_again()
    {
        await fixture.GrantAsync(100);
        await fixture.Ledger.StopAsync(fixture.Partition, StopReasons.InvoiceUnpaid, isOn: true);
        Assert.Equal("account_paused", (await fixture.Ledger.HoldAsync(fixture.Partition, Sample.Hold("req_1", 10))).Error().Code);

        await fixture.Instance().StopAsync(fixture.Partition, StopReasons.InvoiceUnpaid, isOn: false);

        await fixture.HoldAsync("req_2", 10);
    }

    [Fact]
    public async Task An_hour_that_is_ended_before_its_time_keeps_what_was_charged_in_it_and_the_next_one_goes_on()
    {
        await fixture.Ledger.SetLimitAsync(fixture.Partition, new(1_000));
        var first = await fixture.HoldAsync("req_1", 60);
        var second = await fixture.HoldAsync("req_2", 60);
        (await fixture.SettleAsync(first, 40)).Value();

        var next = new LedgerHour(LedgerHour.Of(Sample.Now).Number + 1);
        await Task.WhenAll(fixture.Ledger.BeginHourAsync(fixture.Partition, next), fixture.SettleAsync(second, 2), fixture.Ledger.BeginHourAsync(fixture.Partition, next));

        var waiting = Assert.Single(await fixture.RowsAsync("F"));
        Assert.Equal("F|2026112312", waiting.Key);
        Assert.Equal(42, waiting.Columns.Integer("Value") + (await fixture.BalanceAsync()).Usage.Postpaid.Micros);
        Assert.Equal(next, (await fixture.BalanceAsync()).Usage.Hour);
        await fixture.AssertBooksAgreeAsync();
    }
}
