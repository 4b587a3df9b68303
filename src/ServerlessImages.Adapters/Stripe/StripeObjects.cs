using System.Globalization;
using ServerlessImages.Billing;
using Stripe;
using Stripe.Checkout;

namespace ServerlessImages.Stripe;

/// <summary>Stripe's objects in our words. What belongs to us carries our account in its metadata, which nobody but the operator can write.</summary>
internal static class StripeObjects
{
    public const string AccountKey = "account";
    public const string CentsKey = "credit_cents";
    public const string AttemptKey = "auto_top_up";

    public static Dictionary<string, string> Metadata(string accountId, long cents) => new()
    {
        [AccountKey] = accountId,
        [CentsKey] = Text(cents),
    };

    /// <returns>Null if it is none of ours.</returns>
    public static Checkout? ToCheckout(this Session session)
    {
        if (session.Mode is not ("payment" or "subscription") || AccountOf(session.Metadata) is not { } account) return null;
        var asked = CentsOf(session.Metadata);
        var payment = session.PaymentIntentId is { } id
            ? new Payment(id, session.PaymentStatus == "paid", account, session.CustomerId ?? "", asked, session.AmountSubtotal ?? 0, session.Currency ?? "") { Begun = Utc(session.Created) }
            : null;
        return new(session.Id, account, StatusOf(session.Status), Payment.OfCents(asked), session.Url is { } url ? new Uri(url) : null, Utc(session.ExpiresAt), payment) { IsSubscription = session.Mode == "subscription" };
    }

    /// <returns>Null if it is none of ours, or was made on a page.</returns>
    public static AutomaticPayment? ToAutomaticPayment(this PaymentIntent intent)
    {
        if (AccountOf(intent.Metadata) is not { } account || !intent.Metadata.TryGetValue(AttemptKey, out var attempt) || !long.TryParse(attempt, CultureInfo.InvariantCulture, out var number)) return null;
        var status = intent.Status switch
        {
            "succeeded" => AutomaticPaymentStatus.Succeeded,
            "processing" => AutomaticPaymentStatus.Processing,
            _ => AutomaticPaymentStatus.Declined,
        };
        return new(intent.ToPayment(account), number, status, status == AutomaticPaymentStatus.Declined ? DeclineOf(intent) : "");
    }

    /// <summary>As it stands there: of one that was made on a page, taxes are in it.</summary>
    public static Payment ToPayment(this PaymentIntent intent, string account) =>
        new(intent.Id, intent.Status == "succeeded", account, intent.CustomerId ?? "", CentsOf(intent.Metadata), intent.Amount, intent.Currency) { Begun = Utc(intent.Created) };

    public static PaymentReturn ToReturn(this Refund refund, PaymentIntent intent, string account) =>
        new(refund.Id, ReturnKind.Refund, intent.Id, account, Share(intent, refund.Amount), refund.Status is "failed" or "canceled") { At = Utc(refund.Created) };

    /// <returns>Null while the bank only asks: nothing was taken then.</returns>
    public static PaymentReturn? ToReturn(this Dispute dispute, PaymentIntent intent, string account) => dispute.Status.StartsWith("warning_", StringComparison.Ordinal)
        ? null
        : new(dispute.Id, ReturnKind.Dispute, intent.Id, account, Share(intent, dispute.Amount), dispute.Status is "won" or "prevented", IsOpen: dispute.Status is "needs_response" or "under_review") { At = Utc(dispute.Created) };

    /// <summary>How many cents of a payment, taxes among them, are the given part of its credit. Rounded down: never more goes back than was asked.</summary>
    public static long GrossOf(this PaymentIntent intent, Money amount) => Payment.OfCents(CentsOf(intent.Metadata)) is var credit && credit > Money.Zero ? (long)((Int128)amount.Micros * intent.Amount / credit.Micros) : 0;

    public static string? AccountOf(IDictionary<string, string>? metadata) => metadata is not null && metadata.TryGetValue(AccountKey, out var account) && account.Length > 0 ? account : null;

    public static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static long CentsOf(Dictionary<string, string> metadata) => metadata.TryGetValue(CentsKey, out var text) && long.TryParse(text, CultureInfo.InvariantCulture, out var cents) ? cents : 0;

    /// <summary>The credit's part of what went back: taxes were paid on top of it. Rounded down, so that parts never add up to more than the whole.</summary>
    private static Money Share(PaymentIntent intent, long cents) =>
        intent.Amount <= 0 ? Money.Zero : new((long)((Int128)Payment.OfCents(CentsOf(intent.Metadata)).Micros * Math.Min(cents, intent.Amount) / intent.Amount));

    /// <summary>That a bank wants the card's owner is said in two ways.</summary>
    private static string DeclineOf(PaymentIntent intent) =>
        intent.LastPaymentError is { } error ? error.DeclineCode ?? error.Code ?? intent.Status : intent.Status == "requires_action" ? "authentication_required" : intent.Status;

    private static CheckoutStatus StatusOf(string status) => status switch
    {
        "open" => CheckoutStatus.Open,
        "complete" => CheckoutStatus.Complete,
        _ => CheckoutStatus.Expired,
    };

    public static DateTimeOffset Utc(DateTime time) => new(DateTime.SpecifyKind(time, DateTimeKind.Utc));
}
