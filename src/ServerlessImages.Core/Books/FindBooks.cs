using ServerlessImages.Ledger;
using ServerlessImages.Storage;

namespace ServerlessImages.Books;

/// <summary>Looks up a closed day, with what did not fit to the collector since.</summary>
/// <param name="collector">Null where there is none.</param>
public sealed class FindBooks(ITableStore store, CollectorDifferences differences, ICollectorBooks? collector = null)
{
    private const int PageSize = 1_000;

    /// <returns>Or <c>books_not_closed</c>.</returns>
    /// <exception cref="StoreUnavailableException">The store could not be asked.</exception>
    public async Task<Result<ComparedDay>> RunAsync(LedgerPartition partition, DateOnly day, CancellationToken cancel)
    {
        var found = new List<CollectorDifference>();
        if (partition.Livemode)
        {
            await foreach (var each in differences.AllAsync(partition.Account, cancel)) found.Add(each);
            found.RemoveAll(each => each.Mismatch.Day != day);
        }

        var row = await store.FindAsync(TableNames.Books, partition.Key, BooksDay.Key(day), cancel);
        if (row is null && found.Count == 0) return ApiError.BooksNotClosed;
        var books = row is null ? await QuietAsync(partition, day, found[0].FoundOn, cancel) : BooksDay.Parse(row);
        var state = collector is null || !partition.Livemode ? Comparison.None : await differences.IsComparedAsync(partition, day, books.Through.Sequence, cancel) ? Comparison.Done : Comparison.Waits;
        return new ComparedDay(books, state, found);
    }

    /// <summary>A day on which the collector alone has something: as the day before it ended.</summary>
    private async Task<BooksDay> QuietAsync(LedgerPartition partition, DateOnly day, DateOnly foundOn, CancellationToken cancel)
    {
        BooksDay? before = null;
        for (var from = "0"; ;)
        {
            var page = await store.RangeAsync(TableNames.Books, partition.Key, from, BooksDay.Key(day), PageSize, cancel);
            if (page.Count > 0) before = BooksDay.Parse(page[^1]);
            if (page.Count < PageSize) break;
            from = page[^1].Key + "!";
        }

        var through = before?.Through ?? LedgerFold.Empty;
        var closedAt = new DateTimeOffset(foundOn.AddDays(1).ToDateTime(TimeOnly.MinValue), TimeSpan.Zero) + CloseBooks.ClosesAfter;
        return new(day, closedAt, through, through, new(0, 0, 0, 0, 0, 0, 0), Parts: 0, before?.ExportSha256 ?? "", []);
    }
}

public enum Comparison
{
    /// <summary>There is no collector, or play money.</summary>
    None,

    /// <summary>Not all of the day was held against the collector yet.</summary>
    Waits,
    Done,
}

/// <summary>A closed day, and what was found of it at the collector since.</summary>
public sealed record ComparedDay(BooksDay Books, Comparison Comparison, IReadOnlyList<CollectorDifference> Collector)
{
    /// <summary>What does not fit, or did not until it was settled.</summary>
    public IEnumerable<CollectorDifference> Named => Collector.Where(each => !each.IsPending);

    /// <summary>All that does not fit now.</summary>
    public IEnumerable<Difference> Open => Books.Differences.Concat(Named.Where(each => each.SettledOn is null).Select(each => each.Mismatch.Difference));

    public IEnumerable<CollectorDifference> Pending => Collector.Where(each => each.IsPending);

    public BooksState State => Open.Any() ? BooksState.Different
        : Pending.Any() || Comparison == Comparison.Waits ? BooksState.Pending
        : BooksState.Balanced;
}

public enum BooksState
{
    Balanced,

    /// <summary>The collector may still show what is missing.</summary>
    Pending,
    Different,
}
