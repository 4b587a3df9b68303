using ServerlessImages.Api.Http;
using ServerlessImages.Api.Usage;
using ServerlessImages.Billing;

namespace ServerlessImages.Api.Billing;

/// <summary>An account's invoices, and what is on those of usage.</summary>
internal static class InvoicesApi
{
    public static Task ListAsync(HttpContext http, ReadInvoices invoices, ErrorWriter errors)
    {
        return http.AnswerAsync(errors, ReadAsync, InvoiceAnswers.List);

        async Task<Result<InvoicePage>> ReadAsync() =>
            PageQuery.Read(http.Request).TryGet(out var page, out var error) ? await invoices.PageAsync(http.Caller().Account.Id, page.After, page.Limit, http.RequestAborted) : error;
    }

    public static async Task UsageAsync(string id, HttpContext http, ReadInvoices invoices, ErrorWriter errors)
    {
        var fields = new QueryFields(http.Request.Query);
        var isCsv = UsageApi.IsCsv(fields, http.Request);
        var found = await invoices.UsageAsync(http.Caller().Account.Id, id, (from, until) => UsageQueryReader.Read(fields, from, until), http.RequestAborted);
        if (found.TryGet(out var usage, out var error)) await UsageApi.WriteAsync(http, usage.Usage, http.Caller().Partition, isCsv);
        else await errors.WriteAsync(http, error);
    }
}
