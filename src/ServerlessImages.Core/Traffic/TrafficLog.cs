using ServerlessImages.Ledger;
using ServerlessImages.Storage;

namespace ServerlessImages.Traffic;

/// <summary>
/// How requests ended within the last seven days, of all accounts together: table <c>deployments</c>, partition <c>traffic</c>, a row <c>{hour of the week}|{model}</c>. An hour is
/// written over by the same hour a week later, so that the rows never become more. Each instance counts in memory, and <see cref="WriteAsync"/> adds that to the rows now and then.
/// </summary>
/// <remarks>It is shown on the page of the status and decides nothing: what a dying instance has not written is lost, and what a store may have applied is not written again.</remarks>
public sealed class TrafficLog(ITableStore store, TimeProvider clock) : ITraffic
{
    public const int HoursKept = 7 * 24;
    private const string Partition = "traffic";
    private const string Hour = nameof(Hour);
    private const int TriesMax = 5;
    private const int RowsMax = 1_000;

    /// <summary>Whoever asks: the page is for everybody, and may not be a burden on the store.</summary>
    private static readonly TimeSpan CachedFor = TimeSpan.FromSeconds(30);

    private readonly ExpiringCache<IReadOnlyList<TrafficHour>> cache = new(clock, entriesMax: 1);
    private readonly Lock gate = new();
    private Dictionary<(LedgerHour Hour, string Model), TrafficSums> unwritten = [];

    public void Note(LedgerEntry ended)
    {
        if (ended.Request is not { } request) return;
        var (key, sums) = ((LedgerHour.Of(ended.At), request.Summary.Model), TrafficSums.Of(ended));
        lock (gate) unwritten[key] = unwritten.GetValueOrDefault(key, TrafficSums.None) + sums;
    }

    /// <summary>Adds what was counted here to the rows. What could not be written is tried again the next time.</summary>
    public async Task WriteAsync(CancellationToken cancel)
    {
        Dictionary<(LedgerHour Hour, string Model), TrafficSums> counted;
        lock (gate) (counted, unwritten) = (unwritten, []);
        foreach (var (key, sums) in counted)
        {
            if (await TryAddAsync(key.Hour, key.Model, sums, cancel)) continue;
            lock (gate) unwritten[key] = unwritten.GetValueOrDefault(key, TrafficSums.None) + sums;
        }

        // What was counted here is in the rows now, and would be missing until they are read again.
        if (counted.Count > 0) cache.Remove(Partition);
    }

    /// <summary>What is written of the hours that are kept, and what was counted here since.</summary>
    /// <exception cref="StoreUnavailableException">The store could not be asked.</exception>
    public async Task<IReadOnlyList<TrafficHour>> ReadAsync(CancellationToken cancel)
    {
        if (!cache.TryGet(Partition, out var written))
        {
            var rows = await store.RangeAsync(TableNames.Deployments, Partition, "", "~", RowsMax, cancel);
            cache.Set(Partition, written = [.. rows.Select(From)], CachedFor);
        }

        var oldest = new LedgerHour(LedgerHour.Of(clock.GetUtcNow()).Number - HoursKept + 1);
        lock (gate) return [.. written!.Where(each => each.Hour >= oldest), .. unwritten.Select(each => new TrafficHour(each.Key.Hour, each.Key.Model, each.Value))];
    }

    /// <returns>Whether that is the end of it, for good or for bad.</returns>
    private async Task<bool> TryAddAsync(LedgerHour hour, string model, TrafficSums sums, CancellationToken cancel)
    {
        try
        {
            for (var attempt = 0; attempt < TriesMax; attempt++)
            {
                var key = $"{hour.Number % HoursKept:D3}|{model}";
                var row = await store.FindAsync(TableNames.Deployments, Partition, key, cancel);
                var there = row is null ? null : From(row);

                // A week has gone round since: what comes so late is about an hour that nobody asks for.
                if (there is not null && there.Hour > hour) return true;
                var columns = new Columns { { Hour, hour.Number } };
                (there is not null && there.Hour == hour ? there.Sums + sums : sums).AddTo(columns);
                RowWrite write = row is null ? RowWrite.Insert(key, columns) : RowWrite.Replace(key, columns, row.ETag);
                if ((await store.CommitAsync(TableNames.Deployments, Partition, [write], cancel)).Applied) return true;
            }

            return false;
        }
        catch (StoreUnavailableException)
        {
            return false;
        }
        catch (WriteFateUnknownException)
        {
            return true;
        }
    }

    private static TrafficHour From(Row row) => new(new LedgerHour(row.Columns.Integer(Hour)), row.Key[(row.Key.IndexOf('|', StringComparison.Ordinal) + 1)..], TrafficSums.From(row.Columns));
}

/// <summary>How a model's requests ended within an hour.</summary>
public sealed record TrafficHour(LedgerHour Hour, string Model, TrafficSums Sums);
