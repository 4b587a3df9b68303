using ServerlessImages.Storage;
using ServerlessImages.Tests.Ledger;
using ServerlessImages.Usage;

namespace ServerlessImages.Tests.Usage;

/// <summary>Every charge is in the rollups once, whatever fails and whoever else is at it.</summary>
public sealed class UsageRollupTests
{
    private readonly UsageFixture fixture = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Their_total_is_what_the_ledger_charged(int seed)
    {
        await fixture.MixAsync(seed, 150);
        await fixture.Rollups.AdvanceAsync(Sample.Partition, Cancel);
        await fixture.MixAsync(seed + 100, 150);
        Assert.True(await fixture.Rollups.AdvanceAsync(Sample.Partition, Cancel));

        await AssertEqualTheLedgerAsync();
    }

    [Fact]
    public async Task Advancing_again_changes_nothing()
    {
        await fixture.MixAsync(3, 30);
        await fixture.Rollups.AdvanceAsync(Sample.Partition, Cancel);
        fixture.Books.Store.Table = TableNames.Usage;
        var commits = fixture.Books.Store.Commits;

        Assert.True(await fixture.Rollups.AdvanceAsync(Sample.Partition, Cancel));

        Assert.Equal(commits, fixture.Books.Store.Commits);
        await AssertEqualTheLedgerAsync();
    }

    [Fact]
    public async Task An_account_that_never_bought_anything_has_none()
    {
        Assert.True(await fixture.Rollups.AdvanceAsync(Sample.Partition, Cancel));
        Assert.Equal((Money.Zero, 0L), (await fixture.Rollups.TotalAsync(Sample.Partition, Cancel), await fixture.Rollups.CursorAsync(Sample.Partition, Cancel)));
    }

    [Fact]
    public async Task A_lost_answer_does_not_count_twice_and_a_lost_write_is_made_again()
    {
        await fixture.MixAsync(4, 250);
        fixture.Books.Store.Table = TableNames.Usage;
        foreach (var fault in (Fault[])[Fault.AnswerLost, Fault.Dropped, Fault.AnswerLost, Fault.None, Fault.Dropped]) fixture.Books.Store.NextCommits.Enqueue(fault);

        Assert.True(await fixture.Rollups.AdvanceAsync(Sample.Partition, Cancel));

        await AssertEqualTheLedgerAsync();
    }

    [Fact]
    public async Task A_write_that_comes_late_comes_to_nothing()
    {
        await fixture.MixAsync(5, 60);
        fixture.Books.Store.Table = TableNames.Usage;
        fixture.Books.Store.NextCommits.Enqueue(Fault.AppliedLate);

        await fixture.Rollups.AdvanceAsync(Sample.Partition, Cancel);
        await fixture.MixAsync(50, 20);
        await fixture.Rollups.AdvanceAsync(Sample.Partition, Cancel);
        await fixture.Books.Store.ApplyLateAsync();

        await AssertEqualTheLedgerAsync();
    }

    [Fact]
    public async Task Two_instances_at_once_count_each_charge_once()
    {
        await fixture.MixAsync(6, 350);
        var overtakings = 0;
        var hooked = new HookedTableStore(fixture.Books.Store)
        {
            Table = TableNames.Usage,
            // The other instance always comes between the reading and the writing of this one, with one step or with all of them.
            OnCommit = async (_, commit) =>
            {
                overtakings++;
                await StepElsewhereAsync(all: overtakings > 2);
                return await commit();
            },
        };

        Assert.True(await fixture.Instance(hooked).AdvanceAsync(Sample.Partition, Cancel));

        Assert.True(overtakings > 2);
        await AssertEqualTheLedgerAsync();
    }

    /// <summary>How far the hours are and how far the days are, are two rows.</summary>
    [Fact]
    public async Task Another_instance_between_the_reading_of_the_two_rows_counts_nothing_twice()
    {
        await fixture.MixAsync(9, 120);
        var reads = 0;
        var hooked = new HookedTableStore(fixture.Books.Store)
        {
            Table = TableNames.Usage,
            OnFind = async key =>
            {
                if (key is "C" or "N" && ++reads == 2) await StepElsewhereAsync(all: false);
            },
        };

        Assert.True(await fixture.Instance(hooked).AdvanceAsync(Sample.Partition, Cancel));

        Assert.True(reads > 2);
        await AssertEqualTheLedgerAsync();
    }

    [Fact]
    public async Task A_store_that_takes_no_writes_is_given_up_on_and_nothing_is_counted()
    {
        await fixture.MixAsync(7, 20);
        fixture.Books.Store.Table = TableNames.Usage;
        for (var each = 0; each < 5; each++) fixture.Books.Store.NextCommits.Enqueue(Fault.Dropped);

        await Assert.ThrowsAsync<StoreUnavailableException>(() => fixture.Rollups.AdvanceAsync(Sample.Partition, Cancel));
        Assert.Equal(0, await fixture.Rollups.CursorAsync(Sample.Partition, Cancel));

        Assert.True(await fixture.Rollups.AdvanceAsync(Sample.Partition, Cancel));
        await AssertEqualTheLedgerAsync();
    }

    [Fact]
    public async Task A_missing_entry_stops_the_cursor_before_it()
    {
        await fixture.MixAsync(8, 20);
        var row = (await fixture.Books.RowsAsync("L"))[3];
        await fixture.Books.Store.CommitAsync(TableNames.Ledger, Sample.Partition.Key, [RowWrite.Delete(row.Key, row.ETag)], Cancel);

        await Assert.ThrowsAsync<InvalidDataException>(() => fixture.Rollups.AdvanceAsync(Sample.Partition, Cancel));
    }

    /// <summary>One step of another instance: its second write is lost for good.</summary>
    private async Task StepElsewhereAsync(bool all)
    {
        var steps = 0;
        var other = new HookedTableStore(fixture.Books.Store)
        {
            Table = TableNames.Usage,
            OnCommit = (_, commit) => all || steps++ == 0 ? commit() : throw new OperationCanceledException("The process ended."),
        };
        try
        {
            await fixture.Instance(other).AdvanceAsync(Sample.Partition, Cancel);
        }
        catch (OperationCanceledException)
        {
            // As it was meant to.
        }
    }

    private async Task AssertEqualTheLedgerAsync()
    {
        var balance = await fixture.Books.BalanceAsync();
        var charges = (await fixture.EntriesAsync()).Where(entry => entry.IsCharge).ToArray();
        var rows = await fixture.Books.Store.RangeAsync(TableNames.Usage, Sample.Partition.Key, "R|", "R}", 100_000, Cancel);
        var byCombination = charges.GroupBy(UsageCombination.Of).ToDictionary(group => group.Key, group => group.Select(UsageSums.Of).Aggregate((sum, next) => sum + next));

        Assert.Equal(balance.Sequence, await fixture.Rollups.CursorAsync(Sample.Partition, Cancel));
        Assert.Equal(balance.Settled + balance.Owed, await fixture.Rollups.TotalAsync(Sample.Partition, Cancel));
        Assert.Equal(byCombination, rows.ToDictionary(row => UsageCombination.From(row.Columns), row => UsageSums.From(row.Columns)));
        await fixture.AssertDaysAreThoseOfAsync(charges);
    }
}
