using Microsoft.Extensions.Time.Testing;
using ServerlessImages.Images;
using ServerlessImages.Keys;
using ServerlessImages.Operators;
using ServerlessImages.Pricing;
using ServerlessImages.Storage;
using ServerlessImages.Tests.Ledger;

namespace ServerlessImages.Tests.Pricing;

/// <summary>Prices that operators add: known everywhere before they are in force anywhere, and never changed.</summary>
public sealed class PriceListTests
{
    private static readonly OperatorIdentity Ada = new("op-1", "ada@example.com");
    private static readonly Caller Customer = new(new("id", "acct_1", true, "", 1, [], Sample.Now, null, false), new("acct_1", "Test", "wide", Sample.Now), Sample.Plan(markup: 0));
    private static readonly ImageOrder Fox = new(Sample.Request());
    private readonly FaultyTableStore store = new(new InMemoryTableStore()) { Table = TableNames.Prices };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_added_price_takes_over_on_its_day_on_every_instance()
    {
        var clock = Sample.Clock();
        var (here, there) = (List(clock), List(clock));
        await there.CurrentAsync(Cancel);
        await AddAsync(here, clock, Tomorrow(clock), "9");

        clock.Advance(TimeSpan.FromSeconds(31));
        Assert.Equal("gpt-image-2@2026-04-21", await VersionAsync(there, clock));
        clock.Advance(TimeSpan.FromDays(1));

        Assert.Equal(("gpt-image-2@2026-11-24+1", "gpt-image-2@2026-11-24+1"), (await VersionAsync(here, clock), await VersionAsync(there, clock)));
    }

    [Theory]
    [InlineData("2026-11-23T22:59:59Z", "2026-11-24")]
    [InlineData("2026-11-23T23:00:00Z", "2026-11-25")]
    [InlineData("2026-11-23T00:00:00Z", "2026-11-24")]
    public async Task No_price_begins_in_the_past_today_or_within_the_hour(string now, string first)
    {
        var clock = new FakeTimeProvider(DateTimeOffset.Parse(now, System.Globalization.CultureInfo.InvariantCulture));
        var day = DateOnly.Parse(first, System.Globalization.CultureInfo.InvariantCulture);

        Assert.Equal("price_too_soon", (await Desk(List(clock), clock).AddAsync(Ada, Wanted(day.AddDays(-1), "9"), "dearer", Cancel)).Error().Code);
        Assert.Equal(day, (await Desk(List(clock), clock).AddAsync(Ada, Wanted(day, "9"), "dearer", Cancel)).Value().EffectiveFrom);
        Assert.Equal("invalid_value", (await Desk(List(clock), clock).AddAsync(Ada, Wanted(day.AddDays(400), "9"), "dearer", Cancel)).Error().Code);
    }

    [Theory]
    [InlineData(-5, 5)]
    [InlineData(5, -5)]
    public async Task Clocks_that_differ_by_ten_minutes_sell_nothing_by_prices_that_others_have_left_behind(int adderMinutes, int sellerMinutes)
    {
        var truth = new DateTimeOffset(2026, 11, 23, 22, 50, 0, TimeSpan.Zero);
        var (adder, seller) = (new FakeTimeProvider(truth.AddMinutes(adderMinutes)), new FakeTimeProvider(truth.AddMinutes(sellerMinutes)));
        var list = List(seller);
        await list.CurrentAsync(Cancel);
        var day = Desk(List(adder), adder).FirstDay;
        await AddAsync(List(adder), adder, day, "9");

        // The store is not there for as long as the seller is willing to do without, and then for longer.
        store.IsDown = true;
        var begins = new DateTimeOffset(day.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);
        while (seller.GetUtcNow() < begins.AddMinutes(20))
        {
            seller.Advance(TimeSpan.FromMinutes(1));
            var sold = (await list.CurrentAsync(Cancel)).TryGet(out var book, out _) && book.PriceOf(Sample.Model(), seller.GetUtcNow()).TryGet(out var price, out _) ? price.Version : "nothing";
            Assert.True(seller.GetUtcNow() < begins ? sold is "gpt-image-2@2026-04-21" or "nothing" : sold == "nothing", $"{seller.GetUtcNow()}: {sold}");
        }

        store.IsDown = false;
        Assert.Equal($"gpt-image-2@{day:yyyy-MM-dd}+1", await VersionAsync(list, seller));
    }

    [Fact]
    public async Task Prices_that_could_not_be_read_for_a_quarter_of_an_hour_sell_nothing()
    {
        var clock = Sample.Clock();
        var list = List(clock);
        await list.CurrentAsync(Cancel);
        store.IsDown = true;

        clock.Advance(PriceList.StaleMax);
        Assert.True((await list.CurrentAsync(Cancel)).TryGet(out _, out _));
        clock.Advance(TimeSpan.FromTicks(1));
        Assert.Equal("storage_unavailable", (await list.CurrentAsync(Cancel)).Error().Code);
        Assert.Equal("storage_unavailable", (await Quotes(list, clock).PriceAsync(Customer, Fox, Cancel)).Error().Code);
        Assert.Equal("storage_unavailable", (await List(clock).CurrentAsync(Cancel)).Error().Code);
    }

    [Fact]
    public async Task A_quote_is_what_is_held_and_charged_whichever_clock_has_passed_midnight()
    {
        var (slow, fast) = (new FakeTimeProvider(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero)), new FakeTimeProvider(new DateTimeOffset(2026, 11, 23, 12, 10, 0, TimeSpan.Zero)));
        await AddAsync(List(slow), slow, Tomorrow(slow), "90");
        foreach (var clock in (FakeTimeProvider[])[slow, fast]) clock.Advance(TimeSpan.FromHours(11) + TimeSpan.FromMinutes(55));
        var (before, after) = (Quotes(List(slow), slow), Quotes(List(fast), fast));

        var cheap = (await before.PriceAsync(Customer, Fox, Cancel)).Value();
        var dear = (await after.PriceAsync(Customer, Fox, Cancel)).Value();
        var quoted = (await after.PriceAsync(Customer, Fox with { QuoteId = before.Sign(Customer, cheap).Id }, Cancel)).Value();
        var charge = quoted.Rate.Charge(Fox.Request, quoted.Quote, Sample.Delivery(new(8, 0, 9_000)));

        Assert.True(dear.Quote.Amount > cheap.Quote.Amount);
        Assert.Equal(cheap.Quote, quoted.Quote);
        Assert.Equal(("gpt-image-2@2026-04-21", quoted.Quote.Amount), (quoted.Rate.PriceVersion, charge.Amount));
    }

    [Fact]
    public async Task The_same_price_is_added_once_and_a_mistake_is_followed_by_another()
    {
        var clock = Sample.Clock();
        var list = List(clock);
        var day = Tomorrow(clock);

        var first = await AddAsync(list, clock, day, "99");
        var again = await AddAsync(list, clock, day, "99");
        var right = await AddAsync(list, clock, day, "9.90");
        clock.Advance(TimeSpan.FromDays(1));

        Assert.Equal((first, 2), (again, right.AddedAs));
        Assert.Equal(right.Version, await VersionAsync(list, clock));
        Assert.Equal(2, (await store.RangeAsync(TableNames.Prices, "P", "!", "~", 100, Cancel)).Count);
        Assert.Equal(right, (await Desk(list, clock).AddAsync(Ada, Wanted(day, "9.90"), "sent again, too late", Cancel)).Value() with { Cost = right.Cost });
    }

    [Fact]
    public async Task A_price_whose_answer_was_lost_is_there_once()
    {
        var clock = Sample.Clock();
        store.NextCommits.Enqueue(Fault.AnswerLost);

        await Assert.ThrowsAsync<WriteFateUnknownException>(() => AddAsync(List(clock), clock, Tomorrow(clock), "9"));
        var price = await AddAsync(List(clock), clock, Tomorrow(clock), "9");

        Assert.Equal(1, price.AddedAs);
    }

    [Fact]
    public async Task A_price_of_an_operator_goes_before_one_of_the_file_for_the_same_day()
    {
        var clock = Sample.Clock();
        var file = PriceBook.Parse("""{ "prices": [ { "version": "file", "model": "gpt-image-2", "effective_from": "2026-11-24", "source": "test", "cost": { "per_million_tokens_usd": { "text_input": "1", "image_input": "1", "output": "1" } } } ] }""");
        var list = new PriceList(file, store, clock);
        await AddAsync(list, clock, Tomorrow(clock), "9");

        clock.Advance(TimeSpan.FromDays(1));

        Assert.Equal("gpt-image-2@2026-11-24+1", await VersionAsync(list, clock));
        Assert.NotNull((await list.ReadNowAsync(Cancel)).Find("file"));
    }

    [Fact]
    public async Task A_flat_price_and_a_selling_price_come_back_as_they_were_added()
    {
        var clock = Sample.Clock();
        var cost = PriceBook.ParseTariff("""{"per_image_usd":{"1024x1024":{"low":"0.01","high":"0.2"},"1536x1024":{"low":"0.015"}}}""");
        var selling = PriceBook.ParseTariff("""{"per_million_tokens_usd":{"text_input":"5","image_input":"8","output":"30.5"}}""");

        var added = (await Desk(List(clock), clock).AddAsync(Ada, new(Sample.Model(), Tomorrow(clock), "test", cost, selling), "why", Cancel)).Value();
        var read = (await List(clock).ReadNowAsync(Cancel)).Find(added.Version)!;

        Assert.Equal((PriceBook.TariffJson(cost), selling), (PriceBook.TariffJson(read.Cost), read.Selling));
    }

    [Theory]
    [InlineData("""{"per_image_usd":{}}""")]
    [InlineData("""{"per_image_usd":{"1024x1024":{}}}""")]
    [InlineData("""{"per_image_usd":{"1024x1024":{"low":"0"}}}""")]
    [InlineData("""{"per_million_tokens_usd":{"text_input":"5","image_input":"8","output":"0.0000001"}}""")]
    [InlineData("""{"per_million_tokens_usd":{"text_input":"5","image_input":"8","output":"79228162514264337593543950335"}}""")]
    [InlineData("""{"per_million_tokens_usd":{"text_input":"5","image_input":"8"}}""")]
    [InlineData("{}")]
    public void Nothing_is_priced_at_zero_or_without_bound(string tariff)
    {
        Assert.ThrowsAny<System.Text.Json.JsonException>(() => PriceBook.ParseTariff(tariff));
    }

    private PriceList List(TimeProvider clock) => new(Sample.Prices, new StoreLimits(store), clock);

    private PriceDesk Desk(PriceList list, TimeProvider clock) => new(new AuditLog(store, new SystemEntropy(), clock), list, new StoreLimits(store), clock);

    private async Task<Price> AddAsync(PriceList list, TimeProvider clock, DateOnly day, string output) => (await Desk(list, clock).AddAsync(Ada, Wanted(day, output), "new terms", Cancel)).Value();

    private static WantedPrice Wanted(DateOnly day, string output) => new(Sample.Model(), day, "test", PriceBook.ParseTariff($$$"""{"per_million_tokens_usd":{"text_input":"5","image_input":"8","output":"{{{output}}}"}}"""), null);

    private static Quotes Quotes(PriceList list, TimeProvider clock) => new(list, new Peppers(new Dictionary<int, byte[]> { [1] = new byte[32] }), clock);

    private static DateOnly Tomorrow(TimeProvider clock) => DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime).AddDays(1);

    private static async Task<string> VersionAsync(PriceList list, TimeProvider clock) => (await list.CurrentAsync(Cancel)).Value().PriceOf(Sample.Model(), clock.GetUtcNow()).Value().Version;
}
