namespace ServerlessImages.Ledger;

/// <summary>Why an account may not spend, whatever its money. Each is set and cleared by itself; while any is set, no hold is made.</summary>
[Flags]
public enum StopReasons
{
    None = 0,

    /// <summary>An invoice is due and was not paid.</summary>
    InvoiceUnpaid = 1,

    /// <summary>The payer's bank was asked to take a payment back, and has not decided.</summary>
    PaymentDisputed = 2,

    /// <summary>The content filter refused so many of its calls that an operator has to look first.</summary>
    ContentReview = 4,

    /// <summary>An operator has stopped it, and has to let it go on.</summary>
    Frozen = 8,

    /// <summary>Its owner closed it, for good.</summary>
    AccountClosed = 16,
}

public static class StopReasonNames
{
    /// <summary>Those that are set, as on the wire.</summary>
    public static IEnumerable<string> ToNames(this StopReasons reasons)
    {
        if (reasons.HasFlag(StopReasons.InvoiceUnpaid)) yield return "invoice_unpaid";
        if (reasons.HasFlag(StopReasons.PaymentDisputed)) yield return "payment_disputed";
        if (reasons.HasFlag(StopReasons.ContentReview)) yield return "content_review";
        if (reasons.HasFlag(StopReasons.Frozen)) yield return "frozen";
        if (reasons.HasFlag(StopReasons.AccountClosed)) yield return "account_closed";
    }
}
