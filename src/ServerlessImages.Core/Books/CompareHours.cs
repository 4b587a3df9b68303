using ServerlessImages.Ledger;
using ServerlessImages.Storage;

namespace ServerlessImages.Books;

/// <summary>
/// Holds each hour that an account owes against what the collector counts for it. An hour is looked at three nights long, since what is counted comes late and may
/// come twice, and then as long as it does not fit.
/// </summary>
public sealed class CompareHours(ITableStore store, ICollectorBooks books)
{
    private const int LookedAtHours = 72;

    /// <param name="customers">Whom the account's usage was reported for.</param>
    /// <param name="since">The night before which all was compared; null for the first time.</param>
    /// <param name="open">Hours that did not fit.</param>
    /// <returns>Each that does not fit now.</returns>
    public async Task<IReadOnlyList<Mismatch>> RunAsync(LedgerPartition partition, IReadOnlyList<string> customers, DateOnly? since, DateOnly night, IEnumerable<LedgerHour> open, CancellationToken cancel)
    {
        var until = StartOf(night.AddDays(1));
        var begins = since is { } last ? StartOf(last.AddDays(1)) : await FirstAsync(partition, until, cancel);
        var from = new LedgerHour(begins.Number - LookedAtHours);
        var mismatches = await CompareAsync(partition, customers, from, until, cancel);
        foreach (var hour in open.Where(each => each < from)) mismatches.AddRange(await CompareAsync(partition, customers, hour, new(hour.Number + 1), cancel));
        return mismatches;
    }

    private async Task<List<Mismatch>> CompareAsync(LedgerPartition partition, IReadOnlyList<string> customers, LedgerHour from, LedgerHour until, CancellationToken cancel)
    {
        // The collector first: what becomes usage of ours between the two readings is pending for a night, and not the other way round.
        var counted = new Dictionary<LedgerHour, Money>();
        foreach (var customer in from < until ? customers : [])
        {
            foreach (var (hour, sum) in await books.HoursAsync(customer, from, until, cancel)) counted[hour] = counted.GetValueOrDefault(hour) + sum;
        }

        var ours = await PostpaidHours.ReadAsync(store, partition, from, until, cancel);
        var name = customers.Count == 0 ? "" : customers[^1];
        return [.. ours.All.Union(counted.Keys).Order().Select(hour => ours.Compare(hour, counted.GetValueOrDefault(hour), $"{name}:{hour}")).OfType<Mismatch>()];
    }

    private async Task<LedgerHour> FirstAsync(LedgerPartition partition, LedgerHour until, CancellationToken cancel)
    {
        LedgerHour[] first = [await OfAsync(LedgerRows.Delivered), await OfAsync(LedgerRows.Outbox)];
        return first.Min();

        async Task<LedgerHour> OfAsync(Func<LedgerHour, string> key) =>
            (await store.RangeAsync(TableNames.Ledger, partition.Key, key(default), key(until), 1, cancel)) is [var row] ? LedgerRows.HourOf(row.Key) : until;
    }

    private static LedgerHour StartOf(DateOnly day) => LedgerHour.Of(new DateTimeOffset(day.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero));
}
