using ServerlessImages.Ledger;
using ServerlessImages.Pricing;
using ServerlessImages.Storage;
using ServerlessImages.Tests.Ledger;
using ServerlessImages.Usage;

namespace ServerlessImages.Tests.Usage;

/// <summary>A ledger with charges of all kinds, and the rollups over it.</summary>
internal sealed class UsageFixture
{
    private int requests;

    public LedgerFixture Books { get; } = new();

    public UsageRollups Rollups => Instance();

    /// <summary>Another process, over a store of its own choice.</summary>
    public UsageRollups Instance(ITableStore? store = null) => new(new StoreLimits(store ?? Books.Store), Books.Ledger);

    public async Task<UsageReport> ReportAsync(UsageBucket bucket, params UsageDimension[] groupBy) => (await ReadAsync(new(From, To, bucket, groupBy, []))).Value();

    public Task<Result<UsageReport>> ReadAsync(UsageQuery query) => new ReadUsage(Rollups).RunAsync(Sample.Partition, query, TestContext.Current.CancellationToken);

    /// <summary>The day of the first charges, and as much after it as can be asked for by the hour.</summary>
    public static LedgerHour From { get; } = new(LedgerHour.Of(Sample.Now).Day * 24);

    public static LedgerHour To { get; } = new(From.Number + (31 * 24));

    /// <summary>A request that was charged.</summary>
    public async Task<LedgerEntry> ChargeAsync(long charge, RequestSummary? asked = null, int images = 1, TokenUsage? tokens = null)
    {
        var hold = await HoldAsync(charge, asked);
        return (await Books.Ledger.SettleAsync(Sample.Partition, hold, new(charge), Closed(hold, images, tokens))).Value();
    }

    /// <summary>A request that failed.</summary>
    public async Task VoidAsync(RequestSummary? asked = null) => await Books.VoidAsync(await HoldAsync(10, asked));

    /// <summary>A request whose hold expires before its charge comes.</summary>
    public async Task<LedgerEntry> ChargeLateAsync(long charge, RequestSummary? asked = null)
    {
        var hold = await HoldAsync(charge, asked);
        await Books.Ledger.ExpireAsync(Sample.Partition, hold);
        return (await Books.Ledger.SettleAsync(Sample.Partition, hold, new(charge), Closed(hold, 1, null), mayBeLate: true)).Value();
    }

    /// <summary>Charges, failures and late charges of many combinations over several hours; the same for the same seed.</summary>
    public async Task MixAsync(int seed, int count)
    {
        var random = new Random(seed);
        await Books.GrantAsync(1_000_000_000, $"grant_{++requests}");
        for (var each = 0; each < count; each++)
        {
            if (random.Next(8) == 0) Books.Clock.Advance(TimeSpan.FromMinutes(random.Next(1, 300)));
            var asked = Asked(random);
            if (random.Next(6) == 0) await VoidAsync(asked);
            else if (random.Next(8) == 0) await ChargeLateAsync(random.Next(0, 10_000), asked);
            else await ChargeAsync(random.Next(0, 10_000), asked, random.Next(1, 5), random.Next(4) == 0 ? null : new(random.Next(50), random.Next(2_000), random.Next(5_000)));
        }
    }

    public async Task<LedgerEntry[]> EntriesAsync() =>
        [.. (await Books.RowsAsync("L")).Concat(await Books.RowsAsync("G")).Select(LedgerEntry.From).OrderBy(entry => entry.Sequence)];

    /// <summary>Each dimension of the days adds up to the charges, value by value.</summary>
    public async Task AssertDaysAreThoseOfAsync(LedgerEntry[] charges)
    {
        var progress = await Rollups.DaysProgressAsync(Sample.Partition, TestContext.Current.CancellationToken);
        Assert.Equal((await Books.BalanceAsync()).Sequence, progress.Sequence);
        foreach (var dimension in (UsageDimension[])[UsageDimension.Key, UsageDimension.Quality, .. progress.Tags.Select(UsageDimension.Tag)])
        {
            var days = await Rollups.DaysAsync(Sample.Partition, dimension, new(2026, 1, 1), new(2028, 1, 1), TestContext.Current.CancellationToken);
            var tagged = charges.Select(UsageCombination.Of).Zip(charges).Where(each => dimension.TagName is not { } tag || each.First.TagValues().Any(value => value.Name == tag));
            var expected = tagged.GroupBy(each => (UsageDay.DayOf(each.First.Hour), dimension.ValueOf(each.First))).ToDictionary(group => group.Key, group => group.Select(each => UsageSums.Of(each.Second)).Aggregate((sum, next) => sum + next));
            Assert.Equal(expected, days.SelectMany(day => day.Sums.Named.Select(each => ((day.Day, each.Key), each.Value))).ToDictionary(each => each.Item1, each => each.Value));
            Assert.All(days, day => Assert.Equal(UsageSums.None, day.Sums.Others));
        }
    }

    private static RequestSummary Asked(Random random)
    {
        var tags = new Dictionary<string, string>();
        if (random.Next(3) > 0) tags["team"] = Pick("red", "blue");
        if (random.Next(3) == 0) tags["stage"] = Pick("draft", "print");
        return Sample.Summary(Pick("key_a", "key_b")) with { Model = Pick("gpt-image-2", "gpt-image-1.5"), Quality = Pick("low", "high", "auto"), EndUser = Pick("", "bob", "eve"), Tags = RequestSummary.TagsJson(tags) };

        string Pick(params string[] words) => words[random.Next(words.Length)];
    }

    private async Task<OpenHold> HoldAsync(long quote, RequestSummary? asked)
    {
        var request = new HoldRequest($"req_{++requests}", new(quote), Sample.Plan(), TimeSpan.FromMinutes(10), asked ?? Sample.Summary());
        return (await Books.Ledger.HoldAsync(Sample.Partition, request)).Value().Hold!;
    }

    private static ClosedRequest Closed(OpenHold hold, int images, TokenUsage? tokens) => hold.Hold.Close(Money.Zero) with { Images = images, Usage = tokens };
}
