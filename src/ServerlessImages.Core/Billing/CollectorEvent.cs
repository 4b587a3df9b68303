namespace ServerlessImages.Billing;

/// <summary>What an announcement is about, whatever the collector calls it.</summary>
public enum CollectorEventKind
{
    /// <summary>A checkout was paid, or its money arrived.</summary>
    CheckoutPaid,

    /// <summary>An automatic payment succeeded or failed.</summary>
    PaymentEnded,

    /// <summary>Money of a payment went back, or came back to us.</summary>
    PaymentReturned,

    /// <summary>A subscription or an invoice of usage changed.</summary>
    PostpaidChanged,

    /// <summary>Usage that had been taken was found to be wrong, and is on no invoice.</summary>
    UsageRefused,

    /// <summary>Known, and nothing has to be done.</summary>
    Nothing,

    /// <summary>Not known to this version. It is kept for the operator to see.</summary>
    Unknown,
}

/// <summary>An announcement of the collector's. What it says is not believed: the object is read again.</summary>
/// <param name="Type">The collector's own word, such as <c>checkout.session.completed</c>.</param>
/// <param name="ObjectId">The checkout for <see cref="CollectorEventKind.CheckoutPaid"/>, the customer for <see cref="CollectorEventKind.PostpaidChanged"/>, the announcement itself for <see cref="CollectorEventKind.UsageRefused"/>, else the payment; "" where there is none.</param>
/// <param name="ForeignVersion">The version of the collector's API in which it is written, where that is not ours; else "".</param>
public sealed record CollectorEvent(string Id, string Type, CollectorEventKind Kind, string ObjectId, DateTimeOffset Created, string ForeignVersion);
