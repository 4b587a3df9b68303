using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using ServerlessImages.Storage;
using ServerlessImages.Traffic;

namespace ServerlessImages.Ledger.Writing;

/// <summary>
/// One change of a partition's money that waits for its transaction. It is planned again, on a newer balance, until a transaction with it is applied,
/// it is refused, or its patience ends.
/// </summary>
internal abstract class LedgerOperation
{
    /// <summary>Its place in the order of arrival: a balance that was read later may be believed when it says no.</summary>
    public long Arrival { get; set; }

    /// <summary>When it was queued, on the clock's timestamp scale.</summary>
    public long QueuedAt { get; set; }

    /// <summary>The span of the request that it belongs to; its transaction may begin in another's.</summary>
    public ActivityContext Caller { get; } = Activity.Current?.Context ?? default;

    /// <summary>Whether it moves real money: play money is not measured.</summary>
    public bool Livemode { get; set; } = true;

    /// <summary>Told of the request that it ends; null where nobody listens.</summary>
    public ITraffic? Traffic { get; set; }

    /// <summary>It has left the queue before, and came back.</summary>
    public bool WasTaken { get; set; }

    /// <summary>How long the store may keep failing before the operation fails too.</summary>
    public required TimeSpan Patience { get; init; }

    /// <summary>Written into its rows, so that the operation knows them again when an answer was lost.</summary>
    public required string Token { get; init; }

    /// <summary>Its rows must be read before it is planned again: a transaction with it may have been applied, or met a row of its own.</summary>
    public bool MustResolve { get; set; }

    /// <summary>How often the store refused a row of its own.</summary>
    public int Refusals { get; set; }

    /// <summary>Its patience has ended, and it is read back once more before it fails.</summary>
    public bool IsLastTry { get; set; }

    public abstract bool IsDone { get; }

    /// <summary>The rows, beside balance and order, that it writes.</summary>
    public abstract IReadOnlyList<string> Keys { get; }

    /// <summary>The budget rows that it may change, beside its own: these may be in a transaction for several operations at once.</summary>
    public virtual IReadOnlyList<string> Budgets => [];

    /// <summary>How many rows it adds to a transaction.</summary>
    public abstract int RowCount { get; }

    /// <summary>Whether it may add one more, which says what came of it.</summary>
    public virtual bool MayRaiseEvent => false;

    /// <summary>Adds itself to the draft, completes itself with a refusal, or asks for a newer balance.</summary>
    public abstract PlanResult Plan(LedgerDraft draft);

    /// <param name="etags">The versions of the rows it added, in its own order; not of budgets.</param>
    public abstract void Applied(IReadOnlyList<string> etags);

    /// <summary>Finds its own rows, or learns that there are none, and clears <see cref="MustResolve"/> once it is known how to go on.</summary>
    public abstract Task ResolveAsync(PartitionRows rows);

    public abstract void Fail(Exception cause);

    /// <summary>Tells of the entry that ended a request, as soon as it is known to be stored by this operation.</summary>
    protected void TellEnd(LedgerEntry ended)
    {
        if (!Livemode) return;
        LedgerTelemetry.Closed(ended);
        if (ended.Request is not null) Traffic?.Note(ended);
    }

    /// <summary>Whether a row that was read is what it wrote itself.</summary>
    protected bool IsOurs([NotNullWhen(true)] Row? row) => row is not null && row.Columns.Text(LedgerRows.TokenColumn) == Token;
}

internal enum PlanResult
{
    Planned,

    /// <summary>It completed itself: nothing to write.</summary>
    Completed,

    /// <summary>It would be refused, but on a balance that was read before it arrived: that may be stale.</summary>
    NeedsNewerBalance,

    /// <summary>It cannot be decided beside what is in the draft already: it waits for the next one.</summary>
    Waits,
}

internal abstract class LedgerOperation<T> : LedgerOperation
{
    private readonly TaskCompletionSource<T> completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<T> Completion => completion.Task;

    public override bool IsDone => completion.Task.IsCompleted;

    public override void Fail(Exception cause) => completion.TrySetException(cause);

    protected void Complete(T result) => completion.TrySetResult(result);
}
