using ServerlessImages.Ledger;
using ServerlessImages.Storage;

namespace ServerlessImages.Billing;

public enum SubscriptionStatus
{
    /// <summary>There never was one.</summary>
    None,

    /// <summary>Begun, and its first payment is not made.</summary>
    Incomplete,
    Trialing,
    Active,

    /// <summary>An invoice is due, and the collector still tries.</summary>
    PastDue,

    /// <summary>An invoice is due, and the collector has given up.</summary>
    Unpaid,
    Paused,

    /// <summary>Cancelled, or never begun. It does not come back.</summary>
    Ended,
}

/// <summary>What an account may owe, and what the collector says of its subscription. Pure: what the ledger allows follows from this row alone.</summary>
public sealed record PostpaidAccount
{
    /// <summary>What an operator approved.</summary>
    public Money Approved { get; init; }

    /// <summary>The collector's ids; "" before there was a subscription.</summary>
    public string Customer { get; init; } = "";

    public string Subscription { get; init; } = "";

    public SubscriptionStatus Status { get; init; }

    /// <summary>It is being cancelled: nothing more is owed from then on, whatever the collector still says.</summary>
    public bool IsEnding { get; init; }

    /// <summary>From which amount on the collector is set to send an invoice early; 0 for not yet.</summary>
    public Money Threshold { get; init; }

    /// <summary>The first hour whose usage is not concluded: all before are on invoices.</summary>
    public LedgerHour OpenFrom { get; init; }

    /// <summary>Why the ledger is stopped, or not: an invoice is owed.</summary>
    public bool IsInvoiceOwed { get; init; }

    /// <summary>The one answer to how much the account may owe, for whoever sets it: so the order in which things are heard of makes no difference.</summary>
    public Money Limit => !IsEnding && Status is SubscriptionStatus.Active or SubscriptionStatus.Trialing ? Approved : Money.Zero;

    /// <summary>The status in the words of the API.</summary>
    public string StatusName => Status == SubscriptionStatus.PastDue ? "past_due" : Status.ToString().ToLowerInvariant();

    /// <summary>Whether usage can be reported to it, and a second one must not be begun.</summary>
    public bool IsLive => Subscription.Length > 0 && Status is not (SubscriptionStatus.None or SubscriptionStatus.Ended);

    /// <summary>As the collector has it now. Of several live subscriptions the first counts: any other was begun beside it, and would invoice the same usage twice.</summary>
    public PostpaidAccount At(string customer, IReadOnlyList<Subscription> subscriptions, IReadOnlyList<UsageInvoice> invoices)
    {
        var current = subscriptions.Where(each => each.IsLive).MinBy(each => (each.Created, each.Id)) ?? subscriptions.MaxBy(each => (each.Created, each.Id));
        var isSame = current is null || current.Id == Subscription;
        return this with
        {
            Customer = customer,
            Subscription = current?.Id ?? Subscription,
            Status = current?.Status ?? Status,
            IsEnding = IsEnding && isSame,
            Threshold = isSame ? Threshold : Money.Zero,
            IsInvoiceOwed = current?.Status == SubscriptionStatus.Unpaid || invoices.Any(each => each.IsOwed),
        };
    }

    public Columns ToColumns() => new()
    {
        { nameof(Approved), Approved.Micros },
        { nameof(Customer), Customer },
        { nameof(Subscription), Subscription },
        { nameof(Status), Status.ToString() },
        { nameof(IsEnding), IsEnding ? 1 : 0 },
        { nameof(Threshold), Threshold.Micros },
        { nameof(OpenFrom), OpenFrom.Number },
        { nameof(IsInvoiceOwed), IsInvoiceOwed ? 1 : 0 },
    };

    public static PostpaidAccount From(Columns columns) => new()
    {
        Approved = new(columns.Integer(nameof(Approved))),
        Customer = columns.Text(nameof(Customer)),
        Subscription = columns.Text(nameof(Subscription)),
        Status = Enum.Parse<SubscriptionStatus>(columns.Text(nameof(Status))),
        IsEnding = columns.Integer(nameof(IsEnding)) != 0,
        Threshold = new(columns.Integer(nameof(Threshold))),
        OpenFrom = new(columns.Integer(nameof(OpenFrom))),
        IsInvoiceOwed = columns.Integer(nameof(IsInvoiceOwed)) != 0,
    };
}
