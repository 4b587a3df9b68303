using ServerlessImages.Ledger;

namespace ServerlessImages.Tests.Ledger;

public sealed class ExpireHoldsTests
{
    private readonly LedgerFixture fixture = new();

    [Fact]
    public async Task A_hold_that_nobody_closed_is_given_back_after_its_lifetime()
    {
        await fixture.GrantAsync(100);
        await fixture.HoldAsync("req_1", 60);

        fixture.Clock.Advance(TimeSpan.FromMinutes(10) - TimeSpan.FromMilliseconds(1));
        Assert.Equal(0, await fixture.SweepAsync());
        fixture.Clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(1, await fixture.SweepAsync());

        Assert.Equal(new Money(100), (await fixture.BalanceAsync()).Available);
        await fixture.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task A_settlement_after_the_sweep_charges_nothing()
    {
        await fixture.GrantAsync(100);
        var hold = await fixture.HoldAsync("req_1", 60);
        fixture.Clock.Advance(TimeSpan.FromMinutes(10));
        await fixture.SweepAsync();

        Assert.Equal("hold_expired", (await fixture.SettleAsync(hold, 25)).Error().Code);
        Assert.Equal(new Money(100), (await fixture.BalanceAsync()).Available);
        await fixture.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task Two_sweepers_at_once_give_back_once()
    {
        await fixture.GrantAsync(1_000);
        for (var number = 0; number < 100; number++) await fixture.HoldAsync($"req_{number:D3}", 5);
        fixture.Clock.Advance(TimeSpan.FromMinutes(10));

        var counts = await Task.WhenAll(fixture.SweepAsync(), fixture.SweepAsync());

        Assert.All(counts, count => Assert.InRange(count, 0, 100));
        Assert.Equal(new Money(1_000), (await fixture.BalanceAsync()).Available);
        await fixture.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task A_partition_is_swept_no_more_after_two_quiet_hours_and_not_while_it_has_a_hold()
    {
        await fixture.GrantAsync(100);
        await fixture.Ledger.HoldAsync(Sample.Partition, Sample.Hold("req_1", 60, lifetime: TimeSpan.FromHours(3)));
        fixture.Clock.Advance(TimeSpan.FromHours(2));
        await fixture.SweepAsync();
        Assert.Equal(1, await ListedAsync());

        fixture.Clock.Advance(TimeSpan.FromHours(1));
        await fixture.SweepAsync();
        await fixture.SweepAsync();

        Assert.Equal(0, await ListedAsync());
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private async Task<int> ListedAsync()
    {
        var open = new OpenPartitions(fixture.Store, fixture.Clock);
        var pages = await Task.WhenAll(OpenPartitions.AllShards.Select(shard => open.PageAsync(shard, "", 100, Cancel)));
        return pages.Sum(page => page.Count(row => !OpenPartitions.IsSwept(row)));
    }
}
