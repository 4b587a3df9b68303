using ServerlessImages.Ledger;
using ServerlessImages.Storage;

namespace ServerlessImages.Books;

/// <summary>
/// Looks up at the collector what the ledger says of it: each grant of a payment, each refund and dispute, each paid invoice, once, in the order of the entries. What
/// does not fit is looked at again every night (<see cref="CompareCollector"/>).
/// </summary>
public sealed class CompareEntries(ITableStore store, CollectorDifferences differences, ComparePayments payments, CompareInvoices invoices, ICollectorBooks books)
{
    private const int PageSize = 1_000;

    /// <param name="lastSequence">Of the last entry of a closed day.</param>
    /// <returns>The differences that were named.</returns>
    /// <exception cref="Billing.CollectorUnavailableException">The next run goes on.</exception>
    public async Task<IReadOnlyList<CollectorDifference>> RunAsync(LedgerPartition partition, long lastSequence, DateOnly night, CancellationToken cancel)
    {
        var named = new List<CollectorDifference>();
        var cursor = CollectorDifferences.EntriesRow(partition.Account);
        for (var reached = await differences.ReachedAsync(cursor, cancel) ?? 0; reached < lastSequence;)
        {
            var places = await store.RangeAsync(TableNames.Ledger, partition.Key, LedgerRows.Order(reached + 1), LedgerRows.Order(lastSequence + 1), PageSize, cancel);
            foreach (var place in places)
            {
                if (await CompareAsync(partition.Account, place.Columns.Text(LedgerRows.EntryColumn), night, cancel) is { } difference) named.Add(difference);
            }

            reached = places.Count < PageSize ? lastSequence : LedgerRows.SequenceOf(places[^1].Key);
            await differences.ReachAsync(cursor, reached, cancel);
        }

        return named;
    }

    /// <summary>The key says what it is: most entries are requests' and not even read.</summary>
    private async Task<CollectorDifference?> CompareAsync(string account, string key, DateOnly night, CancellationToken cancel)
    {
        var id = LedgerRows.IdOf(key);
        if (KindOf(key) is not { } kind || !books.IsKnownAs(id)) return null;
        var found = kind switch
        {
            ComparedKind.Payment => await payments.PaymentAsync(account, id, cancel),
            ComparedKind.Return => await payments.ReturnAsync(account, id, paymentId: null, cancel),
            _ => await invoices.InvoiceAsync(account, id, cancel),
        };
        return found is null ? null : await differences.NoteAsync(account, kind, id, found, night, cancel);
    }

    private static ComparedKind? KindOf(string key) => key[..2] switch
    {
        "G|" => ComparedKind.Payment,
        "R|" => ComparedKind.Return,
        "P|" => ComparedKind.Invoice,
        _ => null,
    };
}
