using ServerlessImages.Images;
using ServerlessImages.Ledger;
using ServerlessImages.Usage;

namespace ServerlessImages.Billing;

/// <summary>An account's invoices, as the collector has them, and what is on those of usage, as the ledger has it.</summary>
public sealed class ReadInvoices(Customers customers, ISubscriptionCollector collector, ReadUsage read)
{
    /// <summary>The collector gives no more at once.</summary>
    private const int AtOnceMax = 100;

    /// <param name="after">The id of the last one of the page before, from outside; or null.</param>
    /// <returns>Newest first; or <c>invalid_value</c>.</returns>
    /// <exception cref="CollectorUnavailableException">Ask again.</exception>
    public async Task<Result<InvoicePage>> PageAsync(string accountId, string? after, int limit, CancellationToken cancel)
    {
        if (await customers.FindAsync(accountId, cancel) is not { } customer) return new InvoicePage([], HasMore: false);
        if (after is not null && await FindAsync(accountId, after, cancel) is null) return ApiError.InvalidValue("after", "the id of one of the account's invoices");

        // One more than asked for tells whether there are more.
        var invoices = await collector.InvoiceDocumentsAsync(customer, after, Math.Min(limit + 1, AtOnceMax), cancel);
        return new InvoicePage([.. invoices.Take(limit)], invoices.Count > limit || invoices.Count == AtOnceMax);
    }

    /// <param name="query">What is asked of its hours.</param>
    /// <returns>What of the account's limit was used in the invoice's hours; or <c>invoice_not_found</c>, also for another account's, and what the query says.</returns>
    /// <exception cref="CollectorUnavailableException">Ask again.</exception>
    public async Task<Result<InvoiceUsage>> UsageAsync(string accountId, string id, Func<LedgerHour, LedgerHour, Result<UsageQuery>> query, CancellationToken cancel)
    {
        if (await FindAsync(accountId, id, cancel) is not { } invoice) return ApiError.InvoiceNotFound;
        var (from, until) = invoice.Hours(await collector.InvoicesAsync(invoice.CustomerId, cancel));
        if (!query(from, until).TryGet(out var asked, out var wrong)) return wrong;
        var ofLimit = asked with { Filters = [.. asked.Filters, new(UsageDimension.Rail, Rail.Postpaid.ToWire())] };
        return (await read.RunAsync(new LedgerPartition(accountId, Livemode: true), ofLimit, cancel)).TryGet(out var report, out var error) ? new InvoiceUsage(invoice, report) : error;
    }

    /// <returns>Null if it is none of the account's.</returns>
    private async Task<InvoiceDocument?> FindAsync(string accountId, string id, CancellationToken cancel)
    {
        var invoice = CollectorId.IsOne(id) ? await collector.FindInvoiceDocumentAsync(id, cancel) : null;
        return invoice is not null && await customers.IsOrWasAsync(accountId, invoice.CustomerId, cancel) ? invoice : null;
    }
}

public sealed record InvoicePage(IReadOnlyList<InvoiceDocument> Invoices, bool HasMore)
{
    /// <summary>Null on the last page.</summary>
    public string? Next => HasMore && Invoices.Count > 0 ? Invoices[^1].Id : null;
}

public sealed record InvoiceUsage(InvoiceDocument Invoice, UsageReport Usage);
