using ServerlessImages.Storage;

namespace ServerlessImages.Ledger.Writing;

/// <summary>
/// The writer of one partition on this instance. Group commit: all that is queued while a transaction is under way goes together in the next one. Every
/// transaction is led by the balance row under its ETag, so that instances never overwrite each other.
/// </summary>
internal sealed class PartitionWriter(ITableStore store, string partition, TimeProvider clock, IEntropy entropy)
{
    private readonly PartitionRows rows = new(store, partition);
    private readonly ContentionWindow window = new(clock, entropy);
    private readonly Lock gate = new();
    private readonly LinkedList<LedgerOperation> queue = new();
    private long arrivals;
    private bool isRunning;
    private KnownBalance? known;

    public bool IsIdle
    {
        get
        {
            lock (gate) return !isRunning;
        }
    }

    public void Enqueue(LedgerOperation operation)
    {
        operation.QueuedAt = clock.GetTimestamp();
        lock (gate)
        {
            operation.Arrival = ++arrivals;
            queue.AddLast(operation);
            if (isRunning) return;
            isRunning = true;
        }

        _ = RunAsync();
    }

    private async Task RunAsync()
    {
        while (true)
        {
            await window.WaitAsync();
            var batch = TakeBatch();
            if (batch.Count == 0) return;
            var failure = await TryAttemptAsync(batch);
            FailImpatient(batch, failure);
            PutBack(batch);
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
            foreach (var operation in batch) operation.Fail(cause);
            return cause;
        }
    }

    private async Task AttemptAsync(List<LedgerOperation> batch)
    {
        foreach (var operation in batch.Where(each => each.MustResolve)) await operation.ResolveAsync(rows);

        var wasCached = known is not null;
        known ??= await ReadBalanceAsync();
        var draft = new LedgerDraft(known, clock.GetUtcNow());
        foreach (var operation in batch.Where(each => each is { IsDone: false, MustResolve: false })) draft.Plan(operation);

        if (draft.Planned.Count > 0) await CommitAsync(draft, wasCached);
        else if (batch.Exists(each => each.MustResolve)) window.Lost();
        if (draft.IsStale) known = null;
    }

    private async Task CommitAsync(LedgerDraft draft, bool wasCached)
    {
        // Until the answer is here, nobody knows: an exception leaves these operations to read their own rows.
        foreach (var operation in draft.Planned) operation.MustResolve = true;
        var readAt = Volatile.Read(ref arrivals);
        var result = await store.CommitAsync(TableNames.Ledger, partition, draft.Transaction(), CancellationToken.None);
        foreach (var operation in draft.Planned) operation.MustResolve = false;

        if (result.Applied)
        {
            known = draft.After(result.ETags[0], readAt);
            draft.Apply(result.ETags);
            window.Won();
        }
        else if (draft.OwnerOf(result.WriteIndex) is { } owner)
        {
            owner.MustResolve = true;
        }
        else
        {
            // Losing with a cached balance says nothing about contention: read it and try at once.
            known = null;
            if (!wasCached) window.Lost();
        }
    }

    private async Task<KnownBalance> ReadBalanceAsync()
    {
        var readAt = Volatile.Read(ref arrivals);
        return KnownBalance.From(await rows.FindAsync(LedgerRows.Balance), readAt);
    }

    private List<LedgerOperation> TakeBatch()
    {
        lock (gate)
        {
            var batch = new List<LedgerOperation>();
            var rowCount = 1;
            while (queue.First is { } first && (rowCount += first.Value.RowCount) <= StoreLimits.WritesMax)
            {
                batch.Add(first.Value);
                queue.RemoveFirst();
            }

            isRunning = batch.Count > 0;
            return batch;
        }
    }

    private void PutBack(List<LedgerOperation> batch)
    {
        lock (gate)
        {
            for (var index = batch.Count - 1; index >= 0; index--)
            {
                if (!batch[index].IsDone) queue.AddFirst(batch[index]);
            }
        }
    }

    private void FailImpatient(List<LedgerOperation> batch, Exception? cause)
    {
        foreach (var operation in batch.Where(each => !each.IsDone && clock.GetElapsedTime(each.QueuedAt) >= each.Patience))
        {
            operation.Fail(new LedgerUnavailableException($"The ledger partition {partition} did not answer.", cause));
        }
    }
}
