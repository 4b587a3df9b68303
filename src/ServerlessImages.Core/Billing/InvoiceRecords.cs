using System.Globalization;
using ServerlessImages.Storage;

namespace ServerlessImages.Billing;

/// <summary>
/// The invoices of usage as they were seen last: the partition <c>invoices</c> of the table <c>billing</c>. RowKey is <c>{account}|{created, Unix seconds}|{invoice}</c>, so
/// that an account's are in the order of time. A projection: what moves money is read from the collector.
/// </summary>
public sealed class InvoiceRecords(ITableStore store)
{
    private const string Partition = "invoices";

    public async Task NoteAsync(string accountId, UsageInvoice invoice, CancellationToken cancel)
    {
        var key = string.Create(CultureInfo.InvariantCulture, $"{accountId}|{invoice.Created.ToUnixTimeSeconds():D12}|{invoice.Id}");
        var columns = ToColumns(invoice);
        var row = await store.FindAsync(TableNames.Billing, Partition, key, cancel);
        if (row?.Columns.Equals(columns) != true) await store.CommitAsync(TableNames.Billing, Partition, [RowWrite.Upsert(key, columns)], cancel);
    }

    /// <summary>An account's invoices, oldest first.</summary>
    public async Task<IReadOnlyList<UsageInvoice>> OfAsync(string accountId, int limit, CancellationToken cancel) =>
        [.. (await store.RangeAsync(TableNames.Billing, Partition, accountId + "|", accountId + "}", limit, cancel)).Select(From)];

    private static Columns ToColumns(UsageInvoice invoice) => new()
    {
        { nameof(invoice.SubscriptionId), invoice.SubscriptionId },
        { nameof(invoice.Status), invoice.Status.ToString() },
        { nameof(invoice.UsageFrom), invoice.UsageFrom.ToUnixTimeSeconds() },
        { nameof(invoice.UsageUntil), invoice.UsageUntil.ToUnixTimeSeconds() },
        { nameof(invoice.Reported), invoice.Reported.Micros },
        { nameof(invoice.Items), invoice.Items.Micros },
        { nameof(invoice.Number), invoice.Number },
        { nameof(invoice.TotalCents), invoice.TotalCents },
        { nameof(invoice.EndsPeriod), invoice.EndsPeriod ? 1 : 0 },
        { nameof(invoice.IsOwed), invoice.IsOwed ? 1 : 0 },
    };

    private static UsageInvoice From(Row row)
    {
        var (columns, parts) = (row.Columns, row.Key.Split('|'));
        return new(
            parts[2],
            columns.Text(nameof(UsageInvoice.SubscriptionId)),
            Enum.Parse<InvoiceStatus>(columns.Text(nameof(UsageInvoice.Status))),
            DateTimeOffset.FromUnixTimeSeconds(long.Parse(parts[1], CultureInfo.InvariantCulture)),
            DateTimeOffset.FromUnixTimeSeconds(columns.Integer(nameof(UsageInvoice.UsageUntil))),
            new(columns.Integer(nameof(UsageInvoice.Reported))),
            new(columns.Integer(nameof(UsageInvoice.Items))))
        {
            Number = columns.Text(nameof(UsageInvoice.Number)),
            UsageFrom = DateTimeOffset.FromUnixTimeSeconds(columns.Integer(nameof(UsageInvoice.UsageFrom))),
            TotalCents = columns.Integer(nameof(UsageInvoice.TotalCents)),
            EndsPeriod = columns.Integer(nameof(UsageInvoice.EndsPeriod)) != 0,
            IsOwed = columns.Integer(nameof(UsageInvoice.IsOwed)) != 0,
        };
    }
}
