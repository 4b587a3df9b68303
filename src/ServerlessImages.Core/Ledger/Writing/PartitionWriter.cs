using System.Diagnostics;
using ServerlessImages.Storage;

namespace ServerlessImages.Ledger.Writing;

/// <summary>
/// The writer of one partition on this instance. Group commit: all that is queued while a transaction is under way goes together in the next one. Every
/// transaction is led by the balance row under its ETag, so that instances never overwrite each other.
/// </summary>
/// <param name="told">Called after a transaction that tells of something that somebody wants to know. It neither waits nor fails.</param>
internal sealed class PartitionWriter(ITableStore store, string partition, TimeProvider clock, IEntropy entropy, Action? told = null)
{
    private readonly PartitionRows rows = new(store, partition);
    private readonly ContentionWindow window = new(clock, entropy);
    private readonly OperationQueue queue = new(clock);
    private readonly BalanceMemory memory = new();
    private KnownState? known;

    public bool IsIdle => queue.IsIdle;

    /// <summary>How long the oldest of those that nobody has looked at has been waiting.</summary>
    public TimeSpan OldestWait => queue.OldestWait;

    public void Enqueue(LedgerOperation operation)
    {
        if (queue.Add(operation)) _ = RunAsync();
    }

    private async Task RunAsync()
    {
        // It was begun by one request and serves them all: each transaction says for itself whose it is.
        Activity.Current = null;
        while (true)
        {
            await window.WaitAsync();
            var batch = queue.Take();
            if (batch.Count == 0) return;
            var failure = await TryAttemptAsync(batch);
            queue.PutBack(batch);
            queue.FailImpatient(each => new LedgerUnavailableException($"The ledger partition {partition} did not answer.", failure));
        }
    }

    /// <returns>Why the store did not answer, or null.</returns>
    private async Task<Exception?> TryAttemptAsync(List<LedgerOperation> batch)
    {
        try
        {
            await AttemptAsync(batch);
            return null;
        }
        catch (Exception cause) when (cause is WriteFateUnknownException or StoreUnavailableException)
        {
            known = null;
            window.Lost();
            return cause;
        }
#pragma warning disable CA1031 // Whatever it is, it belongs to the callers that wait; a writer that dies silently would leave them waiting.
        catch (Exception cause)
#pragma warning restore CA1031
        {
            known = null;
            if (batch.Count == 1) batch[0].Fail(cause);
            else queue.TakeAlone(batch.Count);
            return cause;
        }
    }

    private async Task AttemptAsync(List<LedgerOperation> batch)
    {
        using var span = LedgerTelemetry.StartTransaction(batch);
        foreach (var operation in batch.Where(each => each.MustResolve)) await operation.ResolveAsync(rows);

        var isRemembered = known is not null && memory.IsTrusted;
        var state = isRemembered ? known! : await ReadBalanceAsync();
        known = state = await state.WithAsync(batch.SelectMany(each => each.Budgets), rows);
        var draft = new LedgerDraft(state, clock.GetUtcNow());
        foreach (var operation in batch.Where(each => each is { IsDone: false, MustResolve: false, IsLastTry: false })) draft.Plan(operation);

        if (draft.Planned.Count > 0) await CommitAsync(draft, isRemembered);
        else if (batch.Exists(each => each.MustResolve)) window.Lost();
        if (draft.IsStale) known = null;
    }

    private async Task CommitAsync(LedgerDraft draft, bool isRemembered)
    {
        // Until the answer is here, nobody knows: an exception leaves these operations to read their own rows.
        foreach (var operation in draft.Planned) operation.MustResolve = true;
        var readAt = queue.Arrivals;
        var result = await store.CommitAsync(TableNames.Ledger, partition, draft.Transaction(), CancellationToken.None);
        foreach (var operation in draft.Planned) operation.MustResolve = false;

        if (result.Applied)
        {
            known = draft.After(result.ETags, readAt);
            draft.Apply(result.ETags);
            window.Won();
            if (draft.HasNews) told?.Invoke();
            if (isRemembered) memory.Note(wasFresh: true);
            return;
        }

        if (draft.OwnerOf(result.WriteIndex) is { } owner)
        {
            owner.MustResolve = true;

            // Once is another's row, which the read will show; again is a damaged one, which must not be hammered.
            if (++owner.Refusals > 1) window.Lost();
            return;
        }

        // It is a row that nobody owns. Losing with a remembered balance says nothing about contention: read it and try at once.
        known = null;
        if (isRemembered) memory.Note(wasFresh: false);
        else window.Lost();
    }

    private async Task<KnownState> ReadBalanceAsync()
    {
        var readAt = queue.Arrivals;
        var read = KnownState.From(await rows.FindAsync(LedgerRows.Balance), readAt);
        if (known is null) return read;

        var isFresh = read.ETag == known.ETag;
        memory.Note(isFresh);
        return isFresh ? known with { ReadAt = readAt } : read;
    }
}
