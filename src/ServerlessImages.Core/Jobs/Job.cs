using ServerlessImages.Ledger;
using ServerlessImages.Storage;

namespace ServerlessImages.Jobs;

/// <summary>How far a job is that has not ended.</summary>
public enum JobState
{
    /// <summary>It waits for a worker, and takes none of the places of open requests.</summary>
    Queued,

    /// <summary>A worker draws it, and has a lease.</summary>
    Running,
}

/// <summary>
/// A request that is answered later, until it has ended: the row <c>J|{request}</c>. It is written and deleted with its hold; every change is led by the balance, and
/// whoever changes it names the version that it has seen.
/// </summary>
/// <param name="Order">What is to be drawn.</param>
/// <param name="MarkupBasisPoints">Of the plan when it was priced: with the hold's price version, what it is charged by.</param>
/// <param name="Attempt">How many workers have begun it; 0 before the first.</param>
/// <param name="DueAt">From then on a worker may begin it: while it runs, the end of its lease.</param>
/// <param name="IsAnswered">Whether its caller knows its id, and can fetch the result whatever becomes of the call.</param>
/// <param name="UpstreamCost">Of attempts that ended without images, as far as known.</param>
/// <param name="Attempts">Their calls upstream, as <c>AttemptLog</c> writes them.</param>
public sealed record Job(string Id, StoredOrder Order, int MarkupBasisPoints, JobState State, int Attempt, DateTimeOffset DueAt, bool IsAnswered, Money UpstreamCost, string Attempts = "", string ETag = "")
{
    /// <summary>So many workers begin a job. One that kills its worker does not kill it for ever.</summary>
    public const int AttemptsMax = 3;

    public Columns ToColumns(string token) => new()
    {
        { nameof(Order), Order.Id },
        { nameof(StoredOrder.Blobs), Order.Blobs },
        { nameof(MarkupBasisPoints), MarkupBasisPoints },
        { nameof(State), State.ToString() },
        { nameof(Attempt), Attempt },
        { nameof(DueAt), DueAt.ToUnixTimeMilliseconds() },
        { nameof(IsAnswered), IsAnswered ? 1 : 0 },
        { nameof(UpstreamCost), UpstreamCost.Micros },
        { nameof(Attempts), Attempts },
        { LedgerRows.TokenColumn, token },
    };

    public static Job From(Row row) => new(
        LedgerRows.IdOf(row.Key),
        new StoredOrder(row.Columns.Text(nameof(Order)), checked((int)row.Columns.Integer(nameof(StoredOrder.Blobs)))),
        checked((int)row.Columns.Integer(nameof(MarkupBasisPoints))),
        Enum.Parse<JobState>(row.Columns.Text(nameof(State))),
        checked((int)row.Columns.Integer(nameof(Attempt))),
        DateTimeOffset.FromUnixTimeMilliseconds(row.Columns.Integer(nameof(DueAt))),
        row.Columns.Integer(nameof(IsAnswered)) != 0,
        new(row.Columns.Integer(nameof(UpstreamCost))),
        row.Columns.Text(nameof(Attempts)),
        row.ETag);
}

/// <summary>
/// An order that is stored in blobs. Until a job has it, and again when the job has ended, it is listed in the row <c>O|{order}</c>: so that every blob is either
/// a job's, or found and deleted.
/// </summary>
/// <param name="Id">Of its own: it is stored before its request has an id that counts.</param>
/// <param name="Blobs">How many: the order itself, and its images.</param>
/// <param name="ETag">The version of the row, or "" where there is none.</param>
public sealed record StoredOrder(string Id, int Blobs, string ETag = "")
{
    private const string ListedAt = nameof(ListedAt);
    private const string IsOver = nameof(IsOver);

    /// <param name="isOver">Whether its job has ended: nothing waits for it any more.</param>
    public Columns ToColumns(DateTimeOffset now, bool isOver) => new()
    {
        { nameof(Blobs), Blobs },
        { ListedAt, now.ToUnixTimeMilliseconds() },
        { IsOver, isOver ? 1 : 0 },
    };

    public static StoredOrder From(Row row) => new(LedgerRows.IdOf(row.Key), checked((int)row.Columns.Integer(nameof(Blobs))), row.ETag);

    /// <summary>Whether nobody can want it: its job has ended, or it was listed long ago and never got one.</summary>
    public static bool IsLeft(Row row, DateTimeOffset now, TimeSpan keptFor) =>
        row.Columns.Integer(IsOver) != 0 || now - DateTimeOffset.FromUnixTimeMilliseconds(row.Columns.Integer(ListedAt)) >= keptFor;
}

/// <summary>What makes a hold that of a job.</summary>
/// <param name="Lease">Begun at once by whoever asks, who has it for so long; null where it waits for a worker.</param>
public sealed record JobClaim(StoredOrder Order, int MarkupBasisPoints, TimeSpan? Lease)
{
    public Job Begin(string id, DateTimeOffset now) => new(
        id,
        Order,
        MarkupBasisPoints,
        Lease is null ? JobState.Queued : JobState.Running,
        Attempt: Lease is null ? 0 : 1,
        DueAt: now + (Lease ?? TimeSpan.Zero),
        IsAnswered: Lease is null,
        Money.Zero);
}
