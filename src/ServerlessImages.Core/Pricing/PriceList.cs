using ServerlessImages.Storage;

namespace ServerlessImages.Pricing;

/// <summary>
/// The prices of the file, and those that operators added to them: the table <c>prices</c>. PartitionKey is <c>P</c>; RowKey is
/// <c>{model}|{yyyyMMdd}|{number:D3}</c>, inserted only: no price is ever changed. Of those of one model and day, the one with the highest number is in force, and
/// each of them before one of the file.
/// </summary>
/// <remarks>
/// Every instance sells by the same prices: nothing is sold by a list that was read longer ago than <see cref="StaleMax"/>, and no price begins sooner than
/// <see cref="Notice"/> after it was added. Even with clocks that differ by ten minutes, a price is known everywhere before it is in force anywhere.
/// </remarks>
/// <param name="store">Null: there are only those of the file.</param>
public sealed class PriceList(PriceBook file, ITableStore? store, TimeProvider clock)
{
    /// <summary>Between the adding of a price and its first day.</summary>
    public static readonly TimeSpan Notice = TimeSpan.FromHours(1);

    /// <summary>Nobody is sold anything by prices that are older than this.</summary>
    public static readonly TimeSpan StaleMax = TimeSpan.FromMinutes(15);

    internal const string Partition = "P";
    private const int PageSize = 500;
    private static readonly TimeSpan FreshFor = TimeSpan.FromSeconds(30);

    private Known? known = store is null ? new Known(file, DateTimeOffset.MinValue) : null;
    private int readers;

    /// <summary>The prices, as they were lately.</summary>
    /// <returns>Or <c>storage_unavailable</c>: they could not be read for too long, and nothing is sold on a guess.</returns>
    public async ValueTask<Result<PriceBook>> CurrentAsync(CancellationToken cancel)
    {
        var last = Volatile.Read(ref known);
        if (last is not null && (store is null || AgeOf(last) <= FreshFor)) return last.Answer;

        var isUsable = last is not null && AgeOf(last) <= StaleMax;
        var isAlone = Interlocked.Increment(ref readers) == 1;
        try
        {
            // One of many callers reads, and the others do not wait for it.
            return isUsable && !isAlone ? last!.Answer : (await ReadAsync(cancel)).Answer;
        }
        catch (StoreUnavailableException cause)
        {
            return isUsable ? last!.Answer : ApiError.StorageUnavailable with { Cause = cause.Message };
        }
        finally
        {
            Interlocked.Decrement(ref readers);
        }
    }

    /// <summary>As they are now, whatever is remembered.</summary>
    /// <exception cref="StoreUnavailableException">The store could not be asked.</exception>
    public async Task<PriceBook> ReadNowAsync(CancellationToken cancel) => (await ReadAsync(cancel)).Book;

    private async Task<Known> ReadAsync(CancellationToken cancel)
    {
        if (store is null) return known!;

        var at = clock.GetUtcNow();
        var (added, after) = (new List<Price>(), "");
        IReadOnlyList<Row> page;
        do
        {
            page = await store.RangeAsync(TableNames.Prices, Partition, after + "!", "~", PageSize, cancel);
            added.AddRange(page.Select(AddedPrice.From));
            if (page.Count > 0) after = page[^1].Key;
        }
        while (page.Count == PageSize);

        var read = new Known(file.With(added), at);
        Volatile.Write(ref known, read);
        return read;
    }

    /// <summary>A clock that was put back makes the list old, not young.</summary>
    private TimeSpan AgeOf(Known last) => clock.GetUtcNow() - last.At is var age && age < TimeSpan.Zero ? TimeSpan.MaxValue : age;

    private sealed record Known(PriceBook Book, DateTimeOffset At)
    {
        public Result<PriceBook> Answer { get; } = Book;
    }
}
