using ServerlessImages.Storage;

namespace ServerlessImages.Images;

/// <summary>
/// How long drawing takes, learned from what was drawn: the table <c>deployments</c>, whose partition <c>times</c> has a row for each model, size and quality. Each instance
/// adds what it has seen now and then, and reads what all have seen; until enough is known, the catalogue's own seconds count, and more for a size beyond those that they were measured with.
/// </summary>
/// <remarks>A running mean, so that a model that becomes slower is believed within some dozens of images. It decides how a call is answered, never what it costs.</remarks>
public sealed class ExpectedTimes(ITableStore store, TimeProvider clock)
{
    private const string Partition = "times";
    private const string Count = nameof(Count);
    private const string MeanMs = nameof(MeanMs);

    /// <summary>So many images are enough to believe more than the catalogue.</summary>
    private const int KnownFrom = 10;

    /// <summary>The weight of a new image is one in as many, once so many are known.</summary>
    private const int WindowMax = 50;

    private static readonly TimeSpan CachedFor = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan WrittenEvery = TimeSpan.FromSeconds(30);

    private readonly ExpiringCache<Seen> cache = new(clock, entriesMax: 1_000);
    private readonly Lock gate = new();
    private readonly Dictionary<string, (Seen Unwritten, DateTimeOffset WrittenAt)> own = [];

    /// <summary>All images of a request, from the call to the last. Of the catalogue, where the store cannot be asked.</summary>
    public async Task<TimeSpan> OfAsync(ImageRequest request, CancellationToken cancel)
    {
        var seen = await SeenAsync(KeyOf(request), cancel);
        var single = seen.Count < KnownFrom ? request.ExpectedTime * (request.Size?.TimeFactor ?? 1) : TimeSpan.FromMilliseconds(seen.MeanMs);
        return FanOut.ExpectedTime(request, single);
    }

    /// <summary>Notes how long one call upstream took that brought what was asked for.</summary>
    public async Task NoteAsync(ImageRequest request, TimeSpan duration, CancellationToken cancel)
    {
        var key = KeyOf(request);
        Seen? toWrite = null;
        lock (gate)
        {
            var (unwritten, writtenAt) = own.TryGetValue(key, out var known) ? known : (Seen.Nothing, DateTimeOffset.MinValue);
            unwritten = unwritten.With((long)duration.TotalMilliseconds, 1);
            if (clock.GetUtcNow() - writtenAt >= WrittenEvery) (toWrite, unwritten, writtenAt) = (unwritten, Seen.Nothing, clock.GetUtcNow());
            own[key] = (unwritten, writtenAt);
        }

        if (toWrite is not null) await WriteAsync(key, toWrite, cancel);
    }

    private async Task<Seen> SeenAsync(string key, CancellationToken cancel)
    {
        if (cache.TryGet(key, out var cached)) return cached!;
        try
        {
            var seen = Seen.From(await store.FindAsync(TableNames.Deployments, Partition, key, cancel));
            cache.Set(key, seen, CachedFor);
            return seen;
        }
        catch (StoreUnavailableException)
        {
            return Seen.Nothing;
        }
    }

    /// <summary>What another instance wrote at the same moment stands, and ours is lost: there are more images to come.</summary>
    private async Task WriteAsync(string key, Seen more, CancellationToken cancel)
    {
        try
        {
            var row = await store.FindAsync(TableNames.Deployments, Partition, key, cancel);
            var seen = Seen.From(row).With(more.MeanMs, more.Count);
            var columns = new Columns { { Count, seen.Count }, { MeanMs, seen.MeanMs } };
            var written = await store.CommitAsync(TableNames.Deployments, Partition, [row is null ? RowWrite.Insert(key, columns) : RowWrite.Replace(key, columns, row.ETag)], cancel);
            if (written.Applied) cache.Set(key, seen, CachedFor);
        }
        catch (Exception cause) when (cause is StoreUnavailableException or WriteFateUnknownException)
        {
            // It is knowledge, not a fact.
        }
    }

    private static string KeyOf(ImageRequest request) => $"{request.Model.Id}|{request.Size?.ToString() ?? "auto"}|{request.Quality.ToWire()}";

    private sealed record Seen(long Count, long MeanMs)
    {
        public static Seen Nothing { get; } = new(0, 0);

        public static Seen From(Row? row) => row is null ? Nothing : new(row.Columns.Integer(ExpectedTimes.Count), row.Columns.Integer(ExpectedTimes.MeanMs));

        public Seen With(long meanMs, long count)
        {
            var all = Math.Min(Count, WindowMax) + count;
            return new(Count + count, ((MeanMs * (all - count)) + (meanMs * count)) / all);
        }
    }
}
