using ServerlessImages.Storage;

namespace ServerlessImages.Ledger;

/// <summary>Which pot pays: credit bought before, or an invoice after. Every micro-dollar goes to exactly one.</summary>
public enum Rail
{
    Prepaid,
    Postpaid,
}

/// <summary>Money set aside for one request: the row <c>H|{id}</c>, which exists only while the hold is open.</summary>
/// <param name="Id">The request's id: <c>req_…</c>.</param>
/// <param name="ExpiresAt">After this the sweeper gives the money back.</param>
/// <param name="KeyHash">SHA-256 of the caller's Idempotency-Key in hex, or "".</param>
/// <param name="Hour">The ledger's hour when it was made: its charge belongs to the budgets of that day and month.</param>
public sealed record Hold(string Id, Money Quote, Rail Rail, DateTimeOffset HeldAt, DateTimeOffset ExpiresAt, RequestSummary Request, string KeyHash = "", LedgerHour Hour = default)
{
    /// <summary>The budget rows in which it is held: those that were there when it was made.</summary>
    public IReadOnlyList<string> Budgets { get; init; } = [];

    /// <summary>What it set aside of credit that expires: its own until it ends, also beyond that time.</summary>
    public IReadOnlyList<GrantShare> Expiring { get; init; } = [];

    /// <summary>Whether it is a job's (<see cref="Jobs.Job"/>).</summary>
    public bool IsJob { get; init; }

    /// <summary>Whether its account was on probation when it was made: it is drawn in quarantine, where there is one.</summary>
    public bool OnProbation { get; init; }

    public Columns ToColumns(string token)
    {
        var columns = new Columns
        {
            { nameof(Quote), Quote.Micros },
            { nameof(Rail), Rail.ToString() },
            { nameof(HeldAt), HeldAt.ToUnixTimeMilliseconds() },
            { nameof(ExpiresAt), ExpiresAt.ToUnixTimeMilliseconds() },
            { nameof(KeyHash), KeyHash },
            { nameof(Hour), Hour.Number },
            { nameof(Budgets), string.Join(' ', Budgets) },
            { nameof(Expiring), GrantShare.ToText(Expiring) },
            { nameof(OnProbation), OnProbation ? 1 : 0 },
            { LedgerRows.TokenColumn, token },
        };
        if (IsJob) columns.Add(nameof(IsJob), 1);
        Request.AddTo(columns);
        return columns;
    }

    /// <summary>How the request ended, when nothing more is known than its hold.</summary>
    public ClosedRequest Close(Money upstreamCost, string errorCode = "") => new(Request, Quote, Rail, HeldAt, upstreamCost, 0, null, "", errorCode);

    public static Hold From(Row row) => new(
        LedgerRows.IdOf(row.Key),
        new(row.Columns.Integer(nameof(Quote))),
        Enum.Parse<Rail>(row.Columns.Text(nameof(Rail))),
        DateTimeOffset.FromUnixTimeMilliseconds(row.Columns.Integer(nameof(HeldAt))),
        DateTimeOffset.FromUnixTimeMilliseconds(row.Columns.Integer(nameof(ExpiresAt))),
        RequestSummary.From(row.Columns),
        row.Columns.Text(nameof(KeyHash)),
        new(row.Columns.Integer(nameof(Hour))))
    {
        Budgets = row.Columns.Text(nameof(Budgets)).Split(' ', StringSplitOptions.RemoveEmptyEntries),
        Expiring = GrantShare.Parse(row.Columns.Text(nameof(Expiring))),
        IsJob = row.Columns.Integer(nameof(IsJob)) != 0,
        OnProbation = row.Columns.Integer(nameof(OnProbation)) != 0,
    };
}

/// <summary>A hold with the version of its row: what closing it needs.</summary>
/// <param name="Pace">What the rate limit said, if the hold was just made.</param>
/// <param name="Job">The job that was accepted with it, if it was just made; or as its worker has it.</param>
/// <param name="IdempotencyETag">The version of the key's record, if there is one and it was just written; a void frees the key with it.</param>
public sealed record OpenHold(Hold Hold, string ETag, Pace? Pace = null, string IdempotencyETag = "", Jobs.Job? Job = null)
{
    public static OpenHold From(Row row) => new(Hold.From(row), row.ETag);
}
