using ServerlessImages.Ledger;
using ServerlessImages.Storage;
using ServerlessImages.Tests.Ledger;
using ServerlessImages.Usage;

namespace ServerlessImages.Tests.Usage;

/// <summary>What pages show of usage is that of the reports, from a bounded number of rows, and says how far it goes.</summary>
public sealed class ReadDaysTests
{
    private readonly UsageFixture fixture = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static DateOnly First => UsageDay.DayOf(UsageFixture.From);

    [Theory]
    [InlineData("model")]
    [InlineData("key")]
    [InlineData("quality")]
    [InlineData("tag:team")]
    [InlineData("tag:nobody")]
    public async Task A_table_of_days_is_the_report_of_the_same_days(string name)
    {
        await fixture.MixAsync(31, 200);
        Assert.True(UsageDimension.TryParse(name, out var dimension));
        var report = await fixture.ReportAsync(UsageBucket.Day, dimension);

        var days = (await new ReadDays(fixture.Rollups).RunAsync(Sample.Partition, First, First.AddDays(31), dimension, Cancel)).Value();

        Assert.Equal(report.Lines.Select(line => (line.Start, line.End, line.Values[0], line.Sums)), days.Lines.Select(line => (line.Start, line.End, line.Values[0], line.Sums)));
        Assert.Equal((report.Total, report.ThroughSequence), (days.Total, days.ThroughSequence));
        Assert.True(days.Lines.Select(line => line.Start).Distinct().Count() >= 3);
    }

    [Fact]
    public async Task Days_before_and_after_are_left_out()
    {
        await fixture.MixAsync(32, 200);
        await fixture.ReportAsync(UsageBucket.Day);
        var all = (await new ReadDays(fixture.Rollups).RunAsync(Sample.Partition, First, First.AddDays(31), UsageDimension.Key, Cancel)).Value();

        var some = (await new ReadDays(fixture.Rollups).RunAsync(Sample.Partition, First.AddDays(1), First.AddDays(3), UsageDimension.Key, Cancel)).Value();

        Assert.Equal(all.Lines.Where(line => line.Start.Number - UsageFixture.From.Number is >= 24 and < 72).Select(line => line.Sums), some.Lines.Select(line => line.Sums));
        Assert.NotEmpty(some.Lines);
    }

    [Fact]
    public async Task Who_is_behind_is_told_until_when_the_figures_go_and_waits_for_one_step_only()
    {
        await fixture.MixAsync(33, 150);
        var reads = 0;
        var read = new ReadDays(new UsageRollups(fixture.Books.Store, new AccountLedger(new HookedTableStore(fixture.Books.Store) { OnRange = () => reads++ }, new OpenPartitions(fixture.Books.Store, fixture.Books.Clock), fixture.Books.Clock, new SystemEntropy())));

        var first = await read.AdvanceAsync(Sample.Partition, Cancel);
        var last = first;
        for (var times = 0; times < 10 && !last.IsComplete; times++) last = await read.AdvanceAsync(Sample.Partition, Cancel);

        var entries = await fixture.EntriesAsync();
        Assert.Equal((false, entries[first.Progress.Sequence - 1].At), (first.IsComplete, first.AsOf));
        Assert.Equal((true, null, (long)entries.Length), (last.IsComplete, last.AsOf, last.Progress.Sequence));
        Assert.Equal((entries.Length + 49) / 50, reads);
    }

    [Fact]
    public async Task An_account_whose_ledger_lacks_an_entry_still_shows_what_was_added_up()
    {
        await fixture.MixAsync(34, 20);
        var row = (await fixture.Books.RowsAsync("L"))[3];
        await fixture.Books.Store.CommitAsync(TableNames.Ledger, Sample.Partition.Key, [RowWrite.Delete(row.Key, row.ETag)], Cancel);

        Assert.False((await new ReadDays(fixture.Rollups).AdvanceAsync(Sample.Partition, Cancel)).IsComplete);
    }

    [Fact]
    public async Task More_than_three_months_are_refused()
    {
        var refused = await new ReadDays(fixture.Rollups).RunAsync(Sample.Partition, First, First.AddDays(ReadDays.DaysMax + 1), UsageDimension.Key, Cancel);

        Assert.False(refused.TryGet(out _, out var error));
        Assert.Equal("usage_too_large", error.Code);
    }

    [Fact]
    public async Task The_sweeper_brings_every_open_account_up_to_date_and_stops_at_none_that_is_broken()
    {
        await fixture.MixAsync(35, 120);
        var other = new LedgerPartition("acct_other", Livemode: true);
        await fixture.Books.Ledger.GrantAsync(other, "grant_other", new(10));
        var broken = new LedgerPartition("acct_broken", Livemode: true);
        await fixture.Books.Ledger.GrantAsync(broken, "grant_broken", new(10));
        var row = await fixture.Books.Store.FindAsync(TableNames.Ledger, broken.Key, "G|grant_broken", Cancel);
        await fixture.Books.Store.CommitAsync(TableNames.Ledger, broken.Key, [RowWrite.Delete(row!.Key, row.ETag)], Cancel);
        var sweep = new SweepUsage(new OpenPartitions(fixture.Books.Store, fixture.Books.Clock), fixture.Rollups, fixture.Books.Clock);

        await sweep.RunAsync(fixture.Books.Clock.GetUtcNow(), Cancel);
        Assert.Equal(0, await fixture.Rollups.CursorAsync(Sample.Partition, Cancel));
        await sweep.RunAsync(fixture.Books.Clock.GetUtcNow().AddSeconds(30), Cancel);

        Assert.Equal(((await fixture.Books.BalanceAsync()).Sequence, 1L, 0L), (await fixture.Rollups.CursorAsync(Sample.Partition, Cancel), await fixture.Rollups.CursorAsync(other, Cancel), await fixture.Rollups.CursorAsync(broken, Cancel)));
    }
}
