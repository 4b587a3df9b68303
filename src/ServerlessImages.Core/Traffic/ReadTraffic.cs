using ServerlessImages.Ledger;

namespace ServerlessImages.Traffic;

/// <summary>What the page of the status says of traffic. For everybody: rates and times, and never how many requests there are.</summary>
public sealed class ReadTraffic(TrafficLog log, TimeProvider clock)
{
    /// <summary>A rate of fewer would say more of one caller's bad luck, and of how small we are, than of the service.</summary>
    public const int RequestsMin = 20;

    /// <returns>By model; only those with enough to say something.</returns>
    /// <exception cref="Storage.StoreUnavailableException">The store could not be asked.</exception>
    public async Task<IReadOnlyDictionary<string, ModelTraffic>> RunAsync(CancellationToken cancel)
    {
        var hours = await log.ReadAsync(cancel);
        var yesterday = new LedgerHour(LedgerHour.Of(clock.GetUtcNow()).Number - 23);
        return hours.GroupBy(each => each.Model).ToDictionary(model => model.Key, model => new ModelTraffic(Of(model.Where(each => each.Hour >= yesterday)), Of(model)), StringComparer.Ordinal);
    }

    private static TrafficSums? Of(IEnumerable<TrafficHour> hours)
    {
        var sums = hours.Aggregate(TrafficSums.None, (sum, each) => sum + each.Sums);
        return sums.Delivered + sums.Failed >= RequestsMin ? sums : null;
    }
}

/// <param name="Day">The last 24 hours, or null where they are too few to tell.</param>
/// <param name="Week">The last 7 days.</param>
public sealed record ModelTraffic(TrafficSums? Day, TrafficSums? Week);
