using ServerlessImages.Billing;
using ServerlessImages.Images;
using ServerlessImages.Ledger;
using ServerlessImages.Pricing;
using ServerlessImages.Storage;
using ServerlessImages.Usage;

namespace ServerlessImages.Tests.Billing.Scenarios;

/// <summary>Months of an account that pays later.</summary>
public sealed class PostpaidScenarioTests : ScenarioTest
{
    [Fact]
    public async Task Postpaid_month_with_late_usage_at_the_periods_edge_on_its_invoice_within_the_grace_and_after_it_an_item_of_the_next()
    {
        await SubscribeAsync();
        await SpendAsync(30_000_001);
        await PassAsync(December.AddMinutes(-20));
        await SpendAsync(12_345_678);
        var open = await HoldAsync(2_000_002);

        // December has begun: the last hour of November is reported while its invoice is a draft, and what was held before midnight is charged after it.
        await Fixture.Stripe.AdvanceAsync(December.AddMinutes(10));
        await SettleAsync(open);
        await PassAsync(January.AddHours(-2));
        await SpendAsync(5_000_007);

        // Nobody reports anything until December's invoice is final.
        await Fixture.Stripe.AdvanceAsync(January.AddHours(5));
        await Time.HearAsync();
        await SpendAsync(1_000_000);
        await PassAsync(February.AddHours(3));

        Assert.Equal([(42_345_679L, 0L), (2_000_002L, 0L), (1_000_000L, 5_000_007L)], (await Fixture.InvoicesAsync()).Select(each => (each.Reported.Micros, each.Items.Micros)));
        Assert.Equal([Money.Zero, new(5_000_007), Money.Zero], (await Fixture.ClosesAsync()).Select(each => each.Difference));
        Assert.Single(await Fixture.RowsAsync("M"), row => row.Columns.Text("Identifier").EndsWith(":difference", StringComparison.Ordinal));
        await Fixture.ReckonAsync();
    }

    [Fact]
    public async Task Threshold_invoice_is_sent_in_the_middle_of_the_month_and_the_rest_at_its_end()
    {
        await SubscribeAsync();
        await PassAsync(December.AddDays(3));
        await SpendAsync(85_000_000);
        await PassAsync(December.AddDays(4));
        Assert.Equal(Money.Dollars(100), (await Fixture.BalanceAsync()).AvailableCredit);

        await SpendAsync(7_000_001);
        await PassAsync(January.AddHours(3));

        Assert.Equal([85_000_000L, 7_000_001L], (await Fixture.InvoicesAsync()).Select(each => each.Reported.Micros).Where(each => each > 0));
        Assert.Equal([7_000_001L, 85_000_000L], (await ChargedOnInvoicesAsync()).Where(each => each > 0));
        Assert.All(await Fixture.ClosesAsync(), each => Assert.Equal((Money.Zero, true), each));
        await Fixture.ReckonAsync();
    }

    [Fact]
    public async Task Cancellation_with_open_usage_has_the_last_hour_on_the_last_invoice_and_what_still_ran_on_one_more()
    {
        await SubscribeAsync();
        await SpendAsync(10_000_000);
        await PassAsync(December.AddDays(10).AddMinutes(20));
        await SpendAsync(2_000_000);
        var open = await HoldAsync(3_000_003);

        var ended = (await Fixture.Of<EndSubscription>().RunAsync("acct_sample", Cancel)).Value();
        Assert.Equal((SubscriptionStatus.Ended, Money.Zero), (ended.Status, ended.Limit));
        Assert.Equal("insufficient_balance", await RefusalAsync());
        await SettleAsync(open);
        await PassAsync(days: 15);

        Assert.Equal([(10_000_000L, 0L), (2_000_000L, 0L), (0L, 3_000_003L)], (await Fixture.InvoicesAsync()).Select(each => (each.Reported.Micros, each.Items.Micros)));
        Assert.Equal("subscription_not_found", (await Fixture.Of<EndSubscription>().RunAsync("acct_sample", Cancel)).Error().Code);
        await Fixture.ReckonAsync();
    }

    [Fact]
    public async Task Price_change_mid_month_is_charged_from_its_day_on_and_the_one_meter_takes_both_prices()
    {
        var midMonth = new DateTimeOffset(2026, 12, 16, 0, 0, 0, TimeSpan.Zero);
        var prices = PriceBook.Parse("""
            { "prices": [
              { "version": "before", "model": "gpt-image-2", "effective_from": "2026-01-01", "source": "test", "cost": { "per_million_tokens_usd": { "text_input": "5.00", "image_input": "8.00", "output": "30.00" } } },
              { "version": "after", "model": "gpt-image-2", "effective_from": "2026-12-16", "source": "test", "cost": { "per_million_tokens_usd": { "text_input": "5.00", "image_input": "8.00", "output": "41.37" } } }
            ] }
            """);
        await SubscribeAsync();
        await PassAsync(midMonth.AddMinutes(-1));
        await SettleAsync(await QuoteAsync(prices));

        // Quoted a minute before the change, and drawn after it: the quote's price holds.
        var quoted = await QuoteAsync(prices);
        await PassAsync(midMonth.AddMinutes(1));
        await SettleAsync(quoted);
        await SettleAsync(await QuoteAsync(prices));
        await PassAsync(January.AddHours(3));

        var charged = (await Fixture.EntriesAsync()).Where(entry => entry.IsCharge).Select(entry => (entry.Request!.Summary.PriceVersion, entry.Amount.Micros)).ToArray();
        Assert.Equal([("before", 225_075L), ("before", 225_075L), ("after", 310_350L)], charged);
        Assert.Equal([charged.Sum(each => each.Micros)], (await Fixture.InvoicesAsync()).Select(each => each.Reported.Micros).Where(each => each > 0));
        Assert.Single(Fixture.Stripe.All("price"), each => each["recurring"] is not null);
        await Fixture.ReckonAsync();
    }

    [Fact]
    public async Task Account_moved_from_prepaid_to_postpaid_spends_its_credit_first_and_each_micro_dollar_is_on_one_rail()
    {
        await BuyAsync(20);
        await SpendAsync(14_000_000);
        await PassAsync(December.AddDays(8));
        await SubscribeAsync();

        // Whole requests: credit that does not cover one stays for a smaller one.
        await SpendAsync(5_000_001);
        await SpendAsync(2_000_000);
        await SpendAsync(999_999);
        await PassAsync(January.AddHours(3));

        // And credit that is bought later comes before the limit again.
        await BuyAsync(5);
        await SpendAsync(4_000_000);
        await SpendAsync(3_000_000);
        await PassAsync(February.AddHours(3));

        Assert.Equal([2_000_000L, 3_000_000L], (await Fixture.InvoicesAsync()).Select(each => each.Exact.Micros).Where(each => each > 0));
        var balance = await Fixture.BalanceAsync();
        Assert.Equal((Money.Dollars(24), Money.Dollars(1), Money.Dollars(5)), (balance.Settled, balance.Available, balance.Owed));
        await Fixture.ReckonAsync();
    }

    /// <summary>Quotes an image at the price of this moment, holds that, and says what it will cost when it is drawn, whenever that is.</summary>
    private async Task<(OpenHold Open, Money Charge)> QuoteAsync(PriceBook prices)
    {
        var request = Sample.Request(quality: ImageQuality.High);
        var rate = prices.PriceOf(request.Model, Fixture.Clock.GetUtcNow()).Value().For(Sample.Plan().Markup);
        var quote = rate.Quote(request).Value();
        var hold = Sample.Hold(Ledger.NextRequestId(), quote.Amount.Micros);
        var open = (await Ledger.HoldAsync(Sample.Partition, hold with { Summary = hold.Summary with { PriceVersion = quote.PriceVersion } })).Value().Hold!;
        return (open, rate.Charge(request, quote, Sample.Delivery(new TokenUsage(12, 0, 6_000), quality: ImageQuality.High)).Amount);
    }

    /// <summary>What the ledger says was charged in the hours of each invoice, newest first.</summary>
    private async Task<IReadOnlyList<long>> ChargedOnInvoicesAsync()
    {
        var collector = Fixture.Of<ISubscriptionCollector>();
        var customer = (await Fixture.Of<Customers>().FindAsync("acct_sample", Cancel))!;
        var (usage, charged) = (await collector.InvoicesAsync(customer, Cancel), new List<long>());
        var read = new ReadUsage(new UsageRollups(Fixture.Of<ITableStore>(), Ledger));
        foreach (var invoice in await collector.InvoiceDocumentsAsync(customer, null, 10, Cancel))
        {
            var (from, until) = invoice.Hours(usage);
            charged.Add((await read.RunAsync(Sample.Partition, new(from, until, UsageBucket.All, [], [new(UsageDimension.Rail, "postpaid")]), Cancel)).Value().Total.Amount.Micros);
        }

        return charged;
    }
}
