using ServerlessImages.Pricing;
using ServerlessImages.Storage;

namespace ServerlessImages.Ledger;

public enum EntryType
{
    /// <summary>Money came in.</summary>
    Grant,

    /// <summary>A hold was closed with a charge.</summary>
    Settle,

    /// <summary>A hold was closed without a charge, because its request failed.</summary>
    Void,

    /// <summary>A hold was closed without a charge, because nobody closed it in time.</summary>
    Expire,

    /// <summary>A hold that had expired was charged after all: its images came late, and its caller gets them.</summary>
    Late,

    /// <summary>Money went back to the payer.</summary>
    Refund,

    /// <summary>The payer's bank took a payment back.</summary>
    Dispute,

    /// <summary>A refund that failed, or a dispute that was won: its money is there again.</summary>
    Reversal,

    /// <summary>An invoice of what was owed was paid.</summary>
    Payment,

    /// <summary>What was left of a grant when its time was over.</summary>
    ExpireGrant,
}

/// <summary>An immutable fact about money. Added, never changed and never deleted; a correction is another entry.</summary>
/// <param name="Id">The request's id, the grant's, the refund's or dispute's, or the invoice's.</param>
/// <param name="Amount">What was granted, charged, taken back, given back or paid, or what expired of a grant; zero for void and expire.</param>
/// <param name="Sequence">Its place among the partition's entries, from 1 on.</param>
/// <param name="Previous">The partition's head before this entry.</param>
/// <param name="Hour">The ledger's hour, to whose usage a charge belongs. Unlike <paramref name="At"/> it never goes back from one entry to the next.</param>
/// <param name="Request">What was paid for; null where no request was.</param>
public sealed record LedgerEntry(EntryType Type, string Id, Money Amount, DateTimeOffset At, long Sequence, string Previous, LedgerHour Hour, ClosedRequest? Request = null)
{
    /// <summary>Whether images were delivered for it.</summary>
    public bool IsCharge => Type is EntryType.Settle or EntryType.Late;

    /// <summary>Which payment a refund, a dispute or its reversal is of; else "".</summary>
    public string GrantId { get; init; } = "";

    /// <summary>When what is left of a grant expires; null if it does not.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>What it took of grants that expire: a JSON object of micro-dollars by grant, or "". The grant's own expiry takes all that is left, and is not in it.</summary>
    public string FromExpiring { get; init; } = "";

    public Columns ToColumns()
    {
        var columns = new Columns
        {
            { nameof(Type), Type.ToString() },
            { nameof(Amount), Amount.Micros },
            { nameof(At), At.ToUnixTimeMilliseconds() },
            { nameof(Sequence), Sequence },
            { nameof(Hour), Hour.Number },
        };
        if (GrantId.Length > 0) columns.Add(nameof(GrantId), GrantId);
        if (ExpiresAt is { } expiresAt) columns.Add(nameof(ExpiresAt), expiresAt.ToUnixTimeMilliseconds());
        if (FromExpiring.Length > 0) columns.Add(nameof(FromExpiring), FromExpiring);
        Request?.AddTo(columns);
        return columns;
    }

    public static LedgerEntry From(Row row)
    {
        return new LedgerEntry(
            Enum.Parse<EntryType>(row.Columns.Text(nameof(Type))),
            LedgerRows.IdOf(row.Key),
            new(row.Columns.Integer(nameof(Amount))),
            DateTimeOffset.FromUnixTimeMilliseconds(row.Columns.Integer(nameof(At))),
            row.Columns.Integer(nameof(Sequence)),
            row.Columns.Text(LedgerRows.PreviousColumn),
            new(row.Columns.Integer(nameof(Hour))),
            LedgerRows.IsOfRequest(row.Key) ? ClosedRequest.From(row) : null)
        {
            GrantId = row.Columns.Text(nameof(GrantId)),
            ExpiresAt = row.Columns.Integer(nameof(ExpiresAt)) is > 0 and var at ? DateTimeOffset.FromUnixTimeMilliseconds(at) : null,
            FromExpiring = row.Columns.Text(nameof(FromExpiring)),
        };
    }
}

/// <summary>How a request ended, beside its money.</summary>
/// <param name="UpstreamCost">What the upstream takes from us for it, as far as known.</param>
/// <param name="Images">How many images were delivered.</param>
/// <param name="Usage">The upstream's token counts, or null.</param>
/// <param name="Deployment">The operator's name of the deployment that served it, or "".</param>
/// <param name="ErrorCode">Why it was voided, or "".</param>
public sealed record ClosedRequest(RequestSummary Summary, Money Quote, Rail Rail, DateTimeOffset HeldAt, Money UpstreamCost, int Images, TokenUsage? Usage, string Deployment, string ErrorCode)
{
    private const string UsageKnown = nameof(UsageKnown);

    /// <summary>SHA-256 of each delivered image, in hex and in order, with spaces between; or "". In the entry, so that a receipt outlives the images.</summary>
    public string ImageHashes { get; init; } = "";

    /// <summary>The calls upstream that were made for it, as <c>AttemptLog</c> writes them; or "".</summary>
    public string Attempts { get; init; } = "";

    public void AddTo(Columns columns)
    {
        Summary.AddTo(columns);
        columns.Add(nameof(Quote), Quote.Micros);
        columns.Add(nameof(Rail), Rail.ToString());
        columns.Add(nameof(HeldAt), HeldAt.ToUnixTimeMilliseconds());
        columns.Add(nameof(UpstreamCost), UpstreamCost.Micros);
        columns.Add(nameof(Images), Images);
        columns.Add(nameof(ImageHashes), ImageHashes);
        columns.Add(nameof(Deployment), Deployment);
        columns.Add(nameof(ErrorCode), ErrorCode);
        columns.Add(nameof(Attempts), Attempts);
        columns.Add(UsageKnown, Usage is null ? 0 : 1);
        columns.Add(nameof(TokenUsage.TextInput), Usage?.TextInput ?? 0);
        columns.Add(nameof(TokenUsage.ImageInput), Usage?.ImageInput ?? 0);
        columns.Add(nameof(TokenUsage.Output), Usage?.Output ?? 0);
    }

    public static ClosedRequest From(Row row)
    {
        var columns = row.Columns;
        return new ClosedRequest(
            RequestSummary.From(columns),
            new(columns.Integer(nameof(Quote))),
            Enum.Parse<Rail>(columns.Text(nameof(Rail))),
            DateTimeOffset.FromUnixTimeMilliseconds(columns.Integer(nameof(HeldAt))),
            new(columns.Integer(nameof(UpstreamCost))),
            checked((int)columns.Integer(nameof(Images))),
            columns.Integer(UsageKnown) == 0 ? null : new(columns.Integer(nameof(TokenUsage.TextInput)), columns.Integer(nameof(TokenUsage.ImageInput)), columns.Integer(nameof(TokenUsage.Output))),
            columns.Text(nameof(Deployment)),
            columns.Text(nameof(ErrorCode)))
        {
            ImageHashes = columns.Text(nameof(ImageHashes)),
            Attempts = columns.Text(nameof(Attempts)),
        };
    }
}

/// <summary>An entry, and the head of the chain that it made. The head is worked out from the row itself, whatever columns it was written with.</summary>
public sealed record ChainedEntry(LedgerEntry Entry, string Head)
{
    public static ChainedEntry From(Row row) => new(LedgerEntry.From(row), EntryChain.Next(row.Columns.Text(LedgerRows.PreviousColumn), row.Key, row.Columns));
}
