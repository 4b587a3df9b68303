using ServerlessImages.Accounts;
using ServerlessImages.Billing;
using ServerlessImages.Ledger;
using ServerlessImages.Storage;

namespace ServerlessImages.Books;

/// <summary>Holds a grant against its payment, and what was taken back against the refund or dispute: by their ids, whichever of the two was read first.</summary>
public sealed class ComparePayments(ITableStore store, BillingInbox inbox, IPaymentCollector collector, ICollectorBooks books)
{
    /// <summary>In whose place a payment stands whose note of an account can be none.</summary>
    private const string NoAccount = "unknown";

    public static string AccountOf(string noted) => Account.IsId(noted) ? noted : NoAccount;

    public async Task<Mismatch?> PaymentAsync(string account, string paymentId, CancellationToken cancel) => await PaymentAsync(account, paymentId, await books.FindPaymentAsync(paymentId, cancel), cancel);

    /// <param name="payment">As the collector has it; null if it does not.</param>
    public async Task<Mismatch?> PaymentAsync(string account, string paymentId, Payment? payment, CancellationToken cancel)
    {
        // Another account's is not this one's.
        if (payment is not null && AccountOf(payment.AccountId) != account) payment = null;
        var grant = await EntryAsync(account, LedgerRows.Grant(paymentId), cancel);
        if (grant is not null && payment is { IsPaid: true, Currency: Payment.Usd } && payment.Amount == grant.Amount) return null;
        var laidAside = payment is { IsPaid: true } ? await inbox.FindQuarantinedAsync(paymentId, cancel) : null;
        if (laidAside is not null) return await IsGivenBackAsync(payment!, cancel) ? null : Of("payment_quarantined", $"in quarantine: {laidAside}", payment!.Amount.ToString());
        if (grant is null) return payment is { IsPaid: true } ? Of("payment_not_granted", "", payment.Amount.ToString()) : null;
        if (payment is null) return Of("grant_unknown", grant.Amount.ToString(), "");
        return payment.IsPaid ? Of("grant_amount", grant.Amount.ToString(), $"{payment.Amount} {payment.Currency}", mayPend: false) : Of("grant_not_paid", grant.Amount.ToString(), "not paid");

        Mismatch Of(string code, string ours, string theirs, bool mayPend = true) =>
            new(ComparedKind.Payment, paymentId, DayOf(grant, payment?.Begun), new(code, LedgerRows.Grant(paymentId), ours, theirs, paymentId), mayPend);
    }

    /// <param name="paymentId">Whose return it is; null to take the ledger's word for it.</param>
    public async Task<Mismatch?> ReturnAsync(string account, string id, string? paymentId, CancellationToken cancel)
    {
        paymentId ??= (await EntryAsync(account, LedgerRows.Refund(id), cancel))?.GrantId ?? "";
        return await ReturnAsync(account, id, (await collector.ReturnsAsync(paymentId, cancel)).FirstOrDefault(each => each.Id == id), cancel);
    }

    /// <param name="returned">As the collector has it; null if it does not.</param>
    public async Task<Mismatch?> ReturnAsync(string account, string id, PaymentReturn? returned, CancellationToken cancel)
    {
        if (returned is not null && (AccountOf(returned.AccountId) != account || returned.Amount == Money.Zero)) returned = null;
        var entry = await EntryAsync(account, LedgerRows.Refund(id), cancel);

        // What never became credit is not taken back.
        if (entry is null && (returned is null || !await IsGrantedAsync(account, returned.PaymentId, cancel))) return null;
        if (entry is null) return Of("return_not_taken", "", returned!.Amount.ToString());
        if (returned is null) return Of("return_unknown", entry.Amount.ToString(), "");
        if (returned.Amount != entry.Amount) return Of("return_amount", entry.Amount.ToString(), returned.Amount.ToString(), mayPend: false);
        var isBack = await EntryAsync(account, LedgerRows.Posting(EntryType.Reversal, id), cancel) is not null;
        return isBack == returned.Failed ? null : Of("return_reversal", isBack ? "given back" : "taken", returned.Failed ? "given back" : "taken");

        Mismatch Of(string code, string ours, string theirs, bool mayPend = true) =>
            new(ComparedKind.Return, id, DayOf(entry, returned?.At), new(code, LedgerRows.Refund(id), ours, theirs, id), mayPend) { PaymentId = returned?.PaymentId ?? entry?.GrantId ?? "" };
    }

    private async Task<bool> IsGrantedAsync(string account, string paymentId, CancellationToken cancel) =>
        await EntryAsync(account, LedgerRows.Grant(paymentId), cancel) is not null && !await inbox.IsQuarantinedAsync(paymentId, cancel);

    /// <summary>The operator gave back what was no credit: each part of it is rounded down to the micro-dollar.</summary>
    private async Task<bool> IsGivenBackAsync(Payment payment, CancellationToken cancel)
    {
        var back = (await collector.ReturnsAsync(payment.Id, cancel)).Where(each => !each.Failed).ToArray();
        return payment.AskedCents > 0 && back.Aggregate(new Money(back.Length), (sum, each) => sum + each.Amount) > Payment.OfCents(payment.AskedCents);
    }

    private async Task<LedgerEntry?> EntryAsync(string account, string key, CancellationToken cancel) =>
        await store.FindAsync(TableNames.Ledger, new LedgerPartition(account, Livemode: true).Key, key, cancel) is { } row ? LedgerEntry.From(row) : null;

    private static DateOnly DayOf(LedgerEntry? entry, DateTimeOffset? theirs) => DateOnly.FromDateTime((entry?.Hour.Start ?? theirs ?? default).UtcDateTime);
}
