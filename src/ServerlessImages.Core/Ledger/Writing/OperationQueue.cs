using ServerlessImages.Storage;

namespace ServerlessImages.Ledger.Writing;

/// <summary>What waits for a partition's next transaction, in the order of arrival. Callers add from any thread; one writer takes.</summary>
internal sealed class OperationQueue(TimeProvider clock)
{
    private readonly Lock gate = new();
    private readonly LinkedList<LedgerOperation> waiting = new();
    private long arrivals;
    private int alone;
    private bool isTaken;

    /// <summary>How many operations have ever arrived: what is read after this is newer than they are.</summary>
    public long Arrivals => Volatile.Read(ref arrivals);

    public bool IsIdle
    {
        get
        {
            lock (gate) return !isTaken;
        }
    }

    public TimeSpan OldestWait
    {
        get
        {
            lock (gate) return waiting.First is { } first ? clock.GetElapsedTime(first.Value.QueuedAt) : TimeSpan.Zero;
        }
    }

    /// <returns>Whether nobody is taking: the caller has to begin.</returns>
    public bool Add(LedgerOperation operation)
    {
        operation.QueuedAt = clock.GetTimestamp();
        Telemetry.LedgerQueueDepth.Add(1);
        lock (gate)
        {
            operation.Arrival = ++arrivals;
            waiting.AddLast(operation);
            var isFirst = !isTaken;
            isTaken = true;
            return isFirst;
        }
    }

    /// <summary>As many as fit in one transaction. None: the taker has to end.</summary>
    public List<LedgerOperation> Take()
    {
        lock (gate)
        {
            var batch = new List<LedgerOperation>();
            // The balance, and an hour that has just ended: its usage, and what is owed for it. Budgets are counted where it is known which are set.
            var rowCount = 3;
            while (waiting.First is { } first && (rowCount += first.Value.RowCount) <= StoreLimits.WritesMax && (alone == 0 || batch.Count == 0))
            {
                batch.Add(first.Value);
                LedgerTelemetry.Taken(first.Value, clock);
                waiting.RemoveFirst();
            }

            alone = Math.Max(0, alone - 1);
            isTaken = batch.Count > 0;
            return batch;
        }
    }

    /// <summary>One of these made a transaction impossible: each of the next ones goes by itself, so that only that one fails.</summary>
    public void TakeAlone(int count) => alone = count;

    public void PutBack(List<LedgerOperation> batch)
    {
        lock (gate)
        {
            for (var index = batch.Count - 1; index >= 0; index--)
            {
                if (batch[index].IsDone) continue;
                waiting.AddFirst(batch[index]);
                Telemetry.LedgerQueueDepth.Add(1);
            }
        }
    }

    /// <summary>Fails those whose patience has ended. One that may have been written is first read back once more.</summary>
    public void FailImpatient(Func<LedgerOperation, Exception> cause)
    {
        lock (gate)
        {
            foreach (var operation in waiting.Where(each => clock.GetElapsedTime(each.QueuedAt) >= each.Patience).ToArray())
            {
                if (operation is { MustResolve: true, IsLastTry: false })
                {
                    operation.IsLastTry = true;
                    continue;
                }

                operation.Fail(cause(operation));
                waiting.Remove(operation);
                Telemetry.LedgerQueueDepth.Add(-1);
            }
        }
    }
}
