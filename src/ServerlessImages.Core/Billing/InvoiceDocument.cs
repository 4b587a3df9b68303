using ServerlessImages.Ledger;

namespace ServerlessImages.Billing;

/// <summary>An invoice as its payer has it: for credit that was bought, or for usage.</summary>
/// <param name="CustomerId">The collector's.</param>
/// <param name="NetCents">Without taxes.</param>
/// <param name="DueCents">What is left to be paid.</param>
/// <param name="Url">Where the payer reads and pays it; null while it is a draft, and so is <paramref name="Pdf"/>.</param>
/// <param name="Usage">What of it is usage; null for a purchase.</param>
public sealed record InvoiceDocument(string Id, string CustomerId, string Number, InvoiceStatus Status, DateTimeOffset Created, long NetCents, long TaxCents, long DueCents, string Currency, Uri? Url, Uri? Pdf, UsageInvoice? Usage)
{
    public long TotalCents => NetCents + TaxCents;

    /// <summary>The hours whose usage is on it: after those of the invoice before it. None of a purchase.</summary>
    /// <param name="before">The account's other invoices of usage.</param>
    public (LedgerHour From, LedgerHour Until) Hours(IEnumerable<UsageInvoice> before)
    {
        if (Usage is not { } usage) return (LedgerHour.Of(Created), LedgerHour.Of(Created));
        var until = PeriodClose.EndOf(usage.UsageUntil);
        var from = before.Where(each => each.Id != usage.Id && each.Status != InvoiceStatus.Void).Select(each => PeriodClose.EndOf(each.UsageUntil)).Where(each => each < until).DefaultIfEmpty(LedgerHour.Of(usage.UsageFrom)).Max();
        return (from, until);
    }
}
