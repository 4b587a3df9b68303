using ServerlessImages.Billing;
using ServerlessImages.Images;

namespace ServerlessImages.Api.Billing;

/// <summary>Invoices on the wire.</summary>
internal static class InvoiceAnswers
{
    public static IResult List(InvoicePage page) => Results.Json(new
    {
        @object = "list",
        data = page.Invoices.Select(Of),
        has_more = page.HasMore,
        next_cursor = page.Next,
    });

    public static object Of(InvoiceDocument invoice) => new
    {
        @object = "invoice",
        invoice.Id,
        number = invoice.Number.Length > 0 ? invoice.Number : null,
        kind = invoice.Usage is null ? "purchase" : "usage",
        status = invoice.Status.ToWire(),
        created = invoice.Created.ToUnixTimeSeconds(),
        amount = Cents(invoice.NetCents),
        tax = Cents(invoice.TaxCents),
        total = Cents(invoice.TotalCents),
        due = Cents(invoice.DueCents),
        currency = invoice.Currency,
        charged_usd = invoice.Usage?.Exact.ToString(),
        usage_until = invoice.Usage?.UsageUntil.ToUnixTimeSeconds(),
        url = invoice.Url?.AbsoluteUri,
        pdf_url = invoice.Pdf?.AbsoluteUri,
    };

    /// <summary>In the invoice's own currency, whose smallest unit is a hundredth.</summary>
    private static string Cents(long cents) => Payment.OfCents(cents).ToString();
}
