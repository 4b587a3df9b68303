using ServerlessImages.Images;
using ServerlessImages.Jobs;
using ServerlessImages.Ledger;
using ServerlessImages.Tests.Ledger;
using ServerlessImages.Tests.Usage;
using ServerlessImages.Usage;

namespace ServerlessImages.Tests.Images;

/// <summary>Requests are found by what they were; whatever is looked for, a page reads few rows.</summary>
public sealed class SearchRequestsTests
{
    private readonly UsageFixture fixture = new();
    private int ranges;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string> Filters => ["", "day", "day,key", "failed", "model,succeeded", "tag", "nobody"];

    [Theory]
    [MemberData(nameof(Filters))]
    public async Task All_that_fit_are_found_once_newest_first_a_bounded_page_at_a_time(string filter)
    {
        await fixture.MixAsync(41, 500);
        var entries = await fixture.EntriesAsync();
        var wanted = Filter(filter, entries);
        var found = new List<LedgerEntry>();
        for (long? before = null; ;)
        {
            ranges = 0;
            var page = await SearchAsync(wanted, before);
            found.AddRange(page.Ended.Select(each => each.Entry));
            Assert.True(ranges <= 4);
            Assert.True(page.Ended.Count <= SearchRequests.RequestsMax);
            if (page.Next is not { } next) break;
            Assert.True(next < (before ?? long.MaxValue));
            before = next;
        }

        var late = entries.Where(entry => entry.Type == EntryType.Late).Select(entry => entry.Id).ToHashSet();
        var expected = entries.Where(entry => entry.Request is not null && !(entry.Type == EntryType.Expire && late.Contains(entry.Id)) && Fits(wanted, entry)).Select(entry => entry.Sequence).Reverse().ToArray();
        Assert.Equal(expected, found.Select(entry => entry.Sequence));
        Assert.Equal(filter == "nobody", expected.Length == 0);
    }

    [Fact]
    public async Task Those_that_run_stand_on_the_first_page_and_only_where_no_day_is_asked_for()
    {
        await fixture.Books.GrantAsync(10_000);
        await fixture.ChargeAsync(10);
        await fixture.Books.HoldAsync("req_1", 10);
        await fixture.Books.HoldAsync("req_2", 10);
        ranges = 0;

        var all = await SearchAsync(RequestFilter.None, null);

        Assert.True(ranges <= 4);
        Assert.Equal(["req_2", "req_1"], all.Running.Select(each => each.Id));
        Assert.Equal((2, 1), Counts(all));
        Assert.Equal((2, 0), Counts(await SearchAsync(new(null, RequestState.Running, []), null)));
        Assert.Equal((0, 1), Counts(await SearchAsync(new(null, RequestState.Succeeded, []), null)));
        Assert.Equal((0, 1), Counts(await SearchAsync(new(DateOnly.FromDateTime(Sample.Now.UtcDateTime), null, []), null)));
        Assert.Equal((0, 0), Counts(await SearchAsync(RequestFilter.None, 2)));
    }

    [Fact]
    public async Task An_account_without_any_has_none()
    {
        var none = await SearchAsync(RequestFilter.None, null);
        Assert.Equal((0, 0, null), (none.Running.Count, none.Ended.Count, none.Next));
    }

    private static (int, int) Counts(RequestSearch search) => (search.RunningCount, search.Ended.Count);

    private static RequestFilter Filter(string text, LedgerEntry[] entries)
    {
        var day = text.Contains("day", StringComparison.Ordinal) ? UsageDay.DayOf(entries[entries.Length / 2].Hour) : (DateOnly?)null;
        var state = text.Split(',')[^1] switch { "failed" => RequestState.Failed, "succeeded" => RequestState.Succeeded, _ => (RequestState?)null };
        UsageFilter[] values =
        [
            .. text.Contains("key", StringComparison.Ordinal) ? [new UsageFilter(UsageDimension.Key, "key_a")] : Array.Empty<UsageFilter>(),
            .. text.Contains("model", StringComparison.Ordinal) ? [new UsageFilter(UsageDimension.Model, "gpt-image-1.5")] : Array.Empty<UsageFilter>(),
            .. text.Contains("tag", StringComparison.Ordinal) ? [new UsageFilter(UsageDimension.Tag("team"), "red")] : Array.Empty<UsageFilter>(),
            .. text.Contains("nobody", StringComparison.Ordinal) ? [new UsageFilter(UsageDimension.Key, "key_of_nobody")] : Array.Empty<UsageFilter>(),
        ];
        return new(day, state, values);
    }

    private static bool Fits(RequestFilter filter, LedgerEntry entry) =>
        (filter.Day is null || UsageDay.DayOf(entry.Hour) == filter.Day) && (filter.State is null || RequestStatus.StateOf(entry) == filter.State) && filter.Values.All(value => value.Fits(UsageCombination.Of(entry)));

    private Task<RequestSearch> SearchAsync(RequestFilter filter, long? before)
    {
        var counted = new HookedTableStore(fixture.Books.Store) { OnRange = () => ranges++ };
        var ledger = new AccountLedger(counted, new OpenPartitions(counted, fixture.Books.Clock), fixture.Books.Clock, new SystemEntropy());
        return new SearchRequests(ledger, new ListRequests(ledger, new JobLedger(ledger, counted))).RunAsync(Sample.Partition, filter, before, Cancel);
    }
}
