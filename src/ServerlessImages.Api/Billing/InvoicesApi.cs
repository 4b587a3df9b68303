using ServerlessImages.Api.Http;
using ServerlessImages.Api.Usage;
using ServerlessImages.Billing;
using ServerlessImages.Images;
using ServerlessImages.Ledger;
using ServerlessImages.Usage;

namespace ServerlessImages.Api.Billing;

/// <summary>An account's invoices, as the collector has them, and what is on those of usage, as the ledger has it.</summary>
internal static class InvoicesApi
{
    /// <summary>The collector gives no more at once.</summary>
    private const int AtOnceMax = 100;

    public static Task ListAsync(HttpContext http, Customers customers, ISubscriptionCollector collector, ErrorWriter errors)
    {
        return http.AnswerAsync(errors, ReadAsync, InvoiceAnswers.List);

        async Task<Result<(IReadOnlyList<InvoiceDocument> Invoices, bool HasMore)>> ReadAsync()
        {
            if (!PageQuery.Read(http.Request).TryGet(out var page, out var error)) return error;
            if (await customers.FindAsync(http.Caller().Account.Id, http.RequestAborted) is not { } customer) return (Array.Empty<InvoiceDocument>(), false);
            if (page.After is { } after && await FindAsync(after, http, customers, collector) is null) return ApiError.InvalidValue("after", "the id of one of the account's invoices");

            // One more than asked for tells whether there are more.
            var invoices = await collector.InvoiceDocumentsAsync(customer, page.After, Math.Min(page.Limit + 1, AtOnceMax), http.RequestAborted);
            return (invoices.Take(page.Limit).ToArray(), invoices.Count > page.Limit || invoices.Count == AtOnceMax);
        }
    }

    public static async Task UsageAsync(string id, HttpContext http, Customers customers, ISubscriptionCollector collector, ReadUsage read, ErrorWriter errors)
    {
        var fields = new QueryFields(http.Request.Query);
        var isCsv = UsageApi.IsCsv(fields, http.Request);
        if ((await ReadAsync()).TryGet(out var report, out var error)) await UsageApi.WriteAsync(http, report, http.Caller().Partition, isCsv);
        else await errors.WriteAsync(http, error);

        async Task<Result<UsageReport>> ReadAsync()
        {
            if (await FindAsync(id, http, customers, collector) is not { } invoice) return ApiError.InvoiceNotFound;
            var (from, until) = invoice.Hours(await collector.InvoicesAsync(invoice.CustomerId, http.RequestAborted));
            if (!UsageQueryReader.Read(fields, from, until).TryGet(out var query, out var wrong)) return wrong;
            return await read.RunAsync(http.Caller().Partition, query with { Filters = [.. query.Filters, new(UsageDimension.Rail, Rail.Postpaid.ToWire())] }, http.RequestAborted);
        }
    }

    /// <returns>Null if it is none of the account's.</returns>
    private static async Task<InvoiceDocument?> FindAsync(string id, HttpContext http, Customers customers, ISubscriptionCollector collector)
    {
        var invoice = BillingApi.IsCollectorId(id) ? await collector.FindInvoiceDocumentAsync(id, http.RequestAborted) : null;
        return invoice is not null && await customers.IsOrWasAsync(http.Caller().Account.Id, invoice.CustomerId, http.RequestAborted) ? invoice : null;
    }
}
