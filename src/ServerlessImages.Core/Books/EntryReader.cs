using System.Runtime.CompilerServices;
using ServerlessImages.Ledger;
using ServerlessImages.Storage;

namespace ServerlessImages.Books;

/// <summary>Reads a partition's entries in their order, as they are stored and with nothing taken for granted.</summary>
public sealed class EntryReader(ITableStore store)
{
    private const int PageSize = 100;

    /// <param name="after">The sequence of the last entry that is not wanted.</param>
    /// <returns>Each place, with its entry's row; without one where it points to nothing.</returns>
    public async IAsyncEnumerable<PlacedEntry> ReadAsync(LedgerPartition partition, long after, [EnumeratorCancellation] CancellationToken cancel)
    {
        while (true)
        {
            var places = await store.RangeAsync(TableNames.Ledger, partition.Key, LedgerRows.Order(after + 1), LedgerRows.OrderEnd, PageSize, cancel);
            var rows = await Task.WhenAll(places.Select(place => store.FindAsync(TableNames.Ledger, partition.Key, place.Columns.Text(LedgerRows.EntryColumn), cancel)));
            foreach (var (place, row) in places.Zip(rows)) yield return new PlacedEntry(LedgerRows.SequenceOf(place.Key), place.Columns.Text(LedgerRows.EntryColumn), row);
            if (places.Count < PageSize) yield break;
            after = LedgerRows.SequenceOf(places[^1].Key);
        }
    }
}

/// <param name="Key">The row key of the entry.</param>
public sealed record PlacedEntry(long Sequence, string Key, Row? Row);
