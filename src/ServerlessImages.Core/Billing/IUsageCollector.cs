using System.Globalization;
using ServerlessImages.Ledger;

namespace ServerlessImages.Billing;

/// <summary>
/// Who invoices what trusted accounts owe: Stripe, or another. It is told one sum for each account and hour, and adds them up on its invoices. It never decides
/// what may be spent.
/// </summary>
public interface IUsageCollector
{
    /// <summary>Reports an hour. Sent again with the same identifier within 24 hours, it counts once.</summary>
    Task<CollectorAnswer> RecordAsync(UsageRecord usage, CancellationToken cancel);

    /// <summary>What the collector counts for an account in one hour: good some time after the last report.</summary>
    /// <returns>Null if it could not be asked.</returns>
    Task<Money?> FindTotalAsync(string account, LedgerHour hour, CancellationToken cancel);

    /// <summary>Puts an hour that is too old to be reported on the next invoice by itself. Once for each identifier, however late it is sent again.</summary>
    Task<CollectorAnswer> InvoiceAsync(UsageRecord usage, CancellationToken cancel);
}

/// <param name="Identifier">The same each time that it is sent, and never with another value.</param>
/// <param name="IdempotencyKey">Another for each attempt: collectors also replay their failures under a key.</param>
public sealed record UsageRecord(string Account, LedgerHour Hour, Money Value, string Identifier, string IdempotencyKey)
{
    /// <summary>What an invoice says of it, where it stands there by itself.</summary>
    public string Description { get; init; } = string.Create(CultureInfo.InvariantCulture, $"Images, {Hour.Start:yyyy-MM-dd HH:mm} UTC");
}

public enum CollectorOutcome
{
    /// <summary>It is there, now or since an earlier attempt.</summary>
    Delivered,

    /// <summary>It is refused for what it says, and will be until somebody has set it right: no such customer, a meter that was closed.</summary>
    Refused,

    /// <summary>No answer, or come again: it may be there or not.</summary>
    Unavailable,
}

/// <param name="Reason">Why it was refused, for the operator.</param>
/// <param name="RetryAfter">When to come again, where the collector said so.</param>
public sealed record CollectorAnswer(CollectorOutcome Outcome, string Reason = "", TimeSpan? RetryAfter = null)
{
    public static CollectorAnswer Delivered { get; } = new(CollectorOutcome.Delivered);

    public static CollectorAnswer Unavailable { get; } = new(CollectorOutcome.Unavailable);

    public static CollectorAnswer Refused(string reason) => new(CollectorOutcome.Refused, reason);
}
