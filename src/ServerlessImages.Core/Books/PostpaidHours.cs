using ServerlessImages.Billing;
using ServerlessImages.Ledger;
using ServerlessImages.Storage;

namespace ServerlessImages.Books;

/// <summary>A stretch of an account's hours that are over, as the ledger has them: what was charged, and what became of it.</summary>
internal sealed class PostpaidHours
{
    private const int PageSize = 1_000;

    /// <summary>What was charged to the second pot, where there was anything: <c>U|</c>.</summary>
    public required IReadOnlyDictionary<LedgerHour, Money> Charged { get; init; }

    /// <summary><c>M|</c>.</summary>
    public required IReadOnlyDictionary<LedgerHour, DeliveredHour> Delivered { get; init; }

    /// <summary><c>F|</c>, where the collector does not have it yet.</summary>
    public required IReadOnlyDictionary<LedgerHour, MeterEvent> Waiting { get; init; }

    public IEnumerable<LedgerHour> All => Charged.Keys.Union(Delivered.Keys).Union(Waiting.Keys);

    public static async Task<PostpaidHours> ReadAsync(ITableStore store, LedgerPartition partition, LedgerHour from, LedgerHour until, CancellationToken cancel)
    {
        // What waits is read first: it may be delivered meanwhile, and is in one of the two at any time.
        var waiting = (await RowsAsync(LedgerRows.Outbox)).Select(MeterEvent.From).ToArray();
        var delivered = (await RowsAsync(LedgerRows.Delivered)).Select(DeliveredHour.From).ToDictionary(each => each.Hour);
        return new()
        {
            Charged = (await RowsAsync(LedgerRows.Usage)).Select(UsageHour.From).Where(each => each.Postpaid != Money.Zero).ToDictionary(each => each.Hour, each => each.Postpaid),
            Delivered = delivered,
            Waiting = waiting.Where(each => !delivered.ContainsKey(each.Hour)).ToDictionary(each => each.Hour),
        };

        async Task<List<Row>> RowsAsync(Func<LedgerHour, string> key)
        {
            var rows = new List<Row>();
            for (var next = key(from); ;)
            {
                var page = await store.RangeAsync(TableNames.Ledger, partition.Key, next, key(until), PageSize, cancel);
                rows.AddRange(page);
                if (page.Count < PageSize) return rows;
                next = page[^1].Key + "!";
            }
        }
    }

    /// <summary>What the rows themselves say of an hour, and what the collector should count for it.</summary>
    /// <param name="counted">By the collector.</param>
    /// <param name="name">The hour, as it is called there.</param>
    public Mismatch? Compare(LedgerHour hour, Money counted, string name)
    {
        var charged = Charged.GetValueOrDefault(hour);
        var (delivered, waiting) = (Delivered.GetValueOrDefault(hour), Waiting.GetValueOrDefault(hour));
        var (row, sum) = delivered is not null ? (LedgerRows.Delivered(hour), delivered.Value) : (LedgerRows.Outbox(hour), waiting?.Value ?? Money.Zero);
        if (sum != charged) return Of(hour, new("hour_outbox", LedgerRows.Usage(hour), charged.ToString(), sum.ToString(), row));

        // What was sent for an hour that its period's difference took in may be counted or not: the difference was worked out from the invoice.
        if (delivered is { IsConcluded: true } && counted == sum) return null;
        var expected = delivered is { IsItem: true } or { IsConcluded: true } || waiting is { IsInvoiceItem: true } ? Money.Zero : sum;
        return counted == expected && waiting is not { IsInvoiceItem: true } ? null : Of(hour, new("hour_counted", sum == Money.Zero ? LedgerRows.Usage(hour) : row, expected.ToString(), counted.ToString(), name));
    }

    private static Mismatch Of(LedgerHour hour, Difference difference) => new(ComparedKind.Hour, hour.ToString(), DateOnly.FromDateTime(hour.Start.UtcDateTime), difference);
}
