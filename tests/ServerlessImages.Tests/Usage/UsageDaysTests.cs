using ServerlessImages.Images;
using ServerlessImages.Ledger;
using ServerlessImages.Storage;
using ServerlessImages.Usage;

namespace ServerlessImages.Tests.Usage;

/// <summary>Charges are added up by day, in rows whose number and size nobody's tags can drive up.</summary>
public sealed class UsageDaysTests
{
    private static readonly DateOnly Today = DateOnly.FromDateTime(Sample.Now.UtcDateTime);
    private readonly UsageFixture fixture = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>As an older version left them: hours, and no days.</summary>
    [Fact]
    public async Task Rollups_that_are_older_than_days_get_them_and_no_hour_counts_twice()
    {
        await fixture.MixAsync(21, 130);
        await fixture.Rollups.AdvanceAsync(Sample.Partition, Cancel);
        var hours = await RowsAsync("R|");
        foreach (var row in (await RowsAsync("D|")).Concat(await RowsAsync("N"))) await DeleteAsync(row);
        await fixture.MixAsync(22, 10);

        Assert.False(await fixture.Rollups.AdvanceAsync(Sample.Partition, stepsMax: 1, Cancel));
        Assert.Equal(hours.Select(row => row.Columns), (await RowsAsync("R|")).Select(row => row.Columns));
        Assert.True(await fixture.Rollups.AdvanceAsync(Sample.Partition, Cancel));

        await fixture.AssertDaysAreThoseOfAsync(await ChargesAsync());
        Assert.Equal((await fixture.Books.BalanceAsync()).Settled, await fixture.Rollups.TotalAsync(Sample.Partition, Cancel));
    }

    /// <summary>An instance of an older version moves the cursor alone.</summary>
    [Fact]
    public async Task Days_that_fell_behind_the_hours_catch_up()
    {
        await fixture.MixAsync(23, 60);
        await fixture.Rollups.AdvanceAsync(Sample.Partition, Cancel);
        var (days, progress) = (await RowsAsync("D|"), (await RowsAsync("N"))[0]);
        await fixture.MixAsync(24, 60);
        await fixture.Rollups.AdvanceAsync(Sample.Partition, Cancel);
        foreach (var row in await RowsAsync("D|")) await DeleteAsync(row);
        foreach (var row in days.Append(progress)) await fixture.Books.Store.CommitAsync(TableNames.Usage, Sample.Partition.Key, [RowWrite.Upsert(row.Key, row.Columns)], Cancel);

        Assert.True(await fixture.Rollups.AdvanceAsync(Sample.Partition, Cancel));

        await fixture.AssertDaysAreThoseOfAsync(await ChargesAsync());
    }

    /// <summary>Ten new names with each request, of letters that no key may have: the store refuses a transaction of more than 100 rows, or of 4 MiB.</summary>
    [Fact]
    public async Task The_most_tags_that_requests_can_have_fit_and_the_first_fifty_names_have_days()
    {
        await fixture.Books.GrantAsync(1_000_000);
        for (var request = 0; request < 120; request++)
        {
            var tags = Enumerable.Range(0, ImageOrder.TagsMax).ToDictionary(tag => $"{request * 10 + tag}/#?%'\u0001".PadRight(ImageOrder.TagCharactersMax, '\u00fc'), tag => $"{request}".PadRight(ImageOrder.TagCharactersMax, '\u0001'));
            await fixture.ChargeAsync(10 + request, Sample.Summary() with { Tags = RequestSummary.TagsJson(tags) });
        }

        Assert.True(await fixture.Rollups.AdvanceAsync(Sample.Partition, Cancel));

        Assert.Equal(50, (await fixture.Rollups.DaysProgressAsync(Sample.Partition, Cancel)).Tags.Count);
        await fixture.AssertDaysAreThoseOfAsync(await ChargesAsync());
    }

    [Fact]
    public async Task A_day_names_a_hundred_values_and_adds_up_the_others()
    {
        await fixture.Books.GrantAsync(1_000_000);
        for (var user = 0; user < 130; user++) await fixture.ChargeAsync(10, Sample.Summary() with { Tags = RequestSummary.TagsJson(new Dictionary<string, string> { ["user"] = $"{user:D4}" }) });
        await fixture.ChargeAsync(7, Sample.Summary() with { Tags = RequestSummary.TagsJson(new Dictionary<string, string> { ["user"] = "0003" }) });
        await fixture.Rollups.AdvanceAsync(Sample.Partition, Cancel);

        var day = Assert.Single(await fixture.Rollups.DaysAsync(Sample.Partition, UsageDimension.Tag("user"), Today, Today.AddDays(1), Cancel)).Sums;

        Assert.Equal((DaySums.ValuesMax, 30L, new Money(300), new Money(17)), (day.Named.Count, day.Others.Requests, day.Others.Amount, day.Named["0003"].Amount));
        Assert.Equal((await fixture.Books.BalanceAsync()).Settled, day.Total.Amount);
    }

    [Fact]
    public async Task A_row_of_the_longest_names_and_numbers_is_one_that_a_store_takes()
    {
        var day = new DaySums();
        var most = new UsageSums(long.MaxValue / 400, long.MaxValue / 400, new(long.MaxValue / 400), new(long.MaxValue / 400, long.MaxValue / 400, long.MaxValue / 400));
        for (var value = 0; value < 300; value++) day.Add($"{value}".PadRight(value < 50 ? ImageOrder.TagCharactersMax : 3, '\u0001'), most);

        await new StoreLimits(new InMemoryTableStore()).CommitAsync(TableNames.Usage, Sample.Partition.Key, [.. Enumerable.Range(0, 96).Select(row => RowWrite.Upsert($"D|{row}", day.ToColumns()))], Cancel);

        var read = DaySums.From(day.ToColumns());
        Assert.Equal((day.Named.Count, day.Others, day.Total), (read.Named.Count, read.Others, read.Total));
        Assert.True(day.Others.Requests > 0);
    }

    private async Task<LedgerEntry[]> ChargesAsync() => [.. (await fixture.EntriesAsync()).Where(entry => entry.IsCharge)];

    private Task<IReadOnlyList<Row>> RowsAsync(string start) => fixture.Books.Store.RangeAsync(TableNames.Usage, Sample.Partition.Key, start, start + "~", 100_000, Cancel);

    private Task<CommitResult> DeleteAsync(Row row) => fixture.Books.Store.CommitAsync(TableNames.Usage, Sample.Partition.Key, [RowWrite.Delete(row.Key, row.ETag)], Cancel);
}
