using ServerlessImages.Ledger;
using ServerlessImages.Storage;

namespace ServerlessImages.Books;

/// <summary>Looks up a closed day.</summary>
public sealed class FindBooks(ITableStore store)
{
    /// <returns>Or <c>books_not_closed</c>.</returns>
    /// <exception cref="StoreUnavailableException">The store could not be asked.</exception>
    public async Task<Result<BooksDay>> RunAsync(LedgerPartition partition, DateOnly day, CancellationToken cancel)
    {
        var row = await store.FindAsync(TableNames.Books, partition.Key, BooksDay.Key(day), cancel);
        return row is null ? ApiError.BooksNotClosed : BooksDay.Parse(row);
    }
}
