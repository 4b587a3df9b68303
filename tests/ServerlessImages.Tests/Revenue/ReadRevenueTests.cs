using ServerlessImages.Revenue;
using ServerlessImages.Tests.Ledger;
using ServerlessImages.Usage;

namespace ServerlessImages.Tests.Revenue;

/// <summary>Revenue by day, by model and by customer, each from rollups.</summary>
public sealed class ReadRevenueTests
{
    private static readonly DateOnly Today = DateOnly.FromDateTime(Sample.Now.UtcDateTime);
    private readonly RevenueFixture fixture = new();

    [Fact]
    public async Task The_same_money_is_told_apart_by_day_by_model_and_by_account()
    {
        foreach (var account in fixture.Accounts) await fixture.GrantAsync(account);
        await fixture.ChargeAsync(fixture.Accounts[0], 10, 8);
        await fixture.ChargeAsync(fixture.Accounts[1], 100, 70, "gpt-image-1.5");
        fixture.Books.Clock.Advance(TimeSpan.FromDays(1));
        await fixture.ChargeAsync(fixture.Accounts[0], 1_000, 900);

        Assert.Equal([("2026-11-23", 110), ("2026-11-24", 1_000)], await ReadAsync(RevenueGroup.Day));
        Assert.Equal([("gpt-image-2", 1_010), ("gpt-image-1.5", 100)], await ReadAsync(RevenueGroup.Model));
        Assert.Equal([("acct_a", 1_010), ("acct_b", 100)], await ReadAsync(RevenueGroup.Account));
        Assert.Equal([("2026-11-23", 10), ("2026-11-24", 1_000)], await ReadAsync(RevenueGroup.Day, "acct_a"));
        Assert.Equal([("2026-11-24", 1_000)], await ReadAsync(RevenueGroup.Day, "acct_a", Today.AddDays(1)));
    }

    [Fact]
    public async Task A_month_of_many_requests_is_read_by_the_page_and_not_by_the_request()
    {
        await fixture.MixAsync(1, 400);
        await fixture.AddUpAsync();
        var ranges = 0;
        var counted = new HookedTableStore(fixture.Books.Store) { OnRange = () => ranges++ };

        var report = await new ReadRevenue(counted, fixture.Instance(), new UsageRollups(counted, fixture.Books.Ledger), fixture.Books.Clock).RunAsync(new(Today, Today.AddDays(366), RevenueGroup.Day, null), TestContext.Current.CancellationToken);

        Assert.True(report.Value().Total.Requests > 250);
        Assert.Equal(1, ranges);
    }

    private async Task<(string, int)[]> ReadAsync(RevenueGroup group, string? account = null, DateOnly? from = null)
    {
        var report = (await fixture.Read().RunAsync(new(from ?? Today, Today.AddDays(2), group, account), TestContext.Current.CancellationToken)).Value();
        Assert.True(report.IsComplete);
        return [.. report.Lines.Select(line => (line.Group, (int)line.Sums.Charged.Micros))];
    }
}
