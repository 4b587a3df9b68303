using ServerlessImages.Books;
using ServerlessImages.Ledger;

namespace ServerlessImages.Operators;

/// <param name="NextCursor">Null at the end.</param>
public sealed record BooksPage(IReadOnlyList<(LedgerPartition Partition, ComparedDay Day)> Books, string? NextCursor);

/// <summary>The books of all accounts for one day.</summary>
public sealed class ListBooks(BooksIndex index, FindBooks find)
{
    /// <param name="after">The cursor of the page before, or "".</param>
    /// <returns>Or <c>books_not_closed</c>.</returns>
    /// <exception cref="Storage.StoreUnavailableException">The store could not be asked.</exception>
    public async Task<Result<BooksPage>> RunAsync(DateOnly day, string after, int limit, CancellationToken cancel)
    {
        var listed = await index.OfDayAsync(day, after, limit + 1, cancel);
        if (listed.Count == 0 && after.Length == 0) return ApiError.BooksNotClosed;
        var books = await Task.WhenAll(listed.Take(limit).Select(async each => (each.Partition, Day: (await find.RunAsync(each.Partition, day, cancel)).TryGet(out var found, out _) ? found : null)));
        return new BooksPage([.. books.Where(each => each.Day is not null).Select(each => (each.Partition, each.Day!))], listed.Count > limit ? listed[limit - 1].Partition.Key : null);
    }
}
