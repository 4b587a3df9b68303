using System.Collections.Concurrent;
using ServerlessImages.Keys;
using ServerlessImages.Ledger;

namespace ServerlessImages.Images;

/// <summary>
/// The answers that callers of this instance are waiting for. When a caller hangs up on a request without an Idempotency-Key, its equal re-send must find out,
/// although it may arrive before the hang-up is noticed.
/// </summary>
public sealed class PendingAnswers(AccountLedger ledger, TimeProvider clock, GenerationOptions options)
{
    /// <summary>A re-send follows its hang-up within milliseconds; the network may swap them.</summary>
    private static readonly TimeSpan SwapGrace = TimeSpan.FromMilliseconds(300);

    private readonly ConcurrentDictionary<PendingAnswer, byte> pending = new();

    /// <summary>Dispose when the answer has been written.</summary>
    /// <param name="connection">Cancelled when the caller hangs up.</param>
    public CallerWait Wait(Caller caller, CancellationToken connection)
    {
        var startedAt = clock.GetUtcNow();
        return new(hold => Begin(caller, hold, startedAt, connection));
    }

    private PendingAnswer Begin(Caller caller, OpenHold hold, DateTimeOffset startedAt, CancellationToken connection)
    {
        var answer = new PendingAnswer(caller.Partition, new AbandonedRequest(caller.Key.Id, hold.Hold.Request.Fingerprint, hold.Hold.Id, startedAt), ended => pending.TryRemove(ended, out _));
        if (hold.Hold.KeyHash.Length > 0) return answer;

        pending[answer] = 0;
        answer.Watch(() => _ = AbandonAsync(answer), connection);
        return answer;
    }

    /// <summary>Where equal calls have run long enough to be re-sent, waits a moment for the hang-up of one to show. Nothing to wait for is the rule.</summary>
    public async Task LetHangUpsShowAsync(Caller caller, string fingerprint)
    {
        var equal = pending.Keys.Where(each =>
            each.Partition == caller.Partition && each.Request.KeyId == caller.Key.Id && each.Request.Fingerprint == fingerprint
            && clock.GetUtcNow() - each.Request.StartedAt >= options.AdoptAfter).ToArray();
        if (equal.Length > 0) await Task.WhenAny([.. equal.Select(each => each.HungUpAsync()), Task.Delay(SwapGrace, clock, CancellationToken.None)]);
    }

    private async Task AbandonAsync(PendingAnswer answer)
    {
        try
        {
            // Queued before the signal: whoever acts on the signal comes after it in the partition's order.
            var abandoned = ledger.AbandonAsync(answer.Partition, answer.Request, options.Deadline + options.AdoptWithin);
            answer.ShowHangUp();
            await abandoned;
        }
        catch (LedgerUnavailableException)
        {
            // Then an equal re-send is a request of its own, as it would be without this.
        }
    }
}

/// <summary>
/// One caller's wait, whatever becomes of its request: it may be held at once, or follow an earlier one and be held only when that has failed. A hang-up counts
/// from the hold on, whenever that is.
/// </summary>
public sealed class CallerWait(Func<OpenHold, PendingAnswer> begin) : IDisposable
{
    private readonly Lock gate = new();
    private PendingAnswer? answer;
    private bool isOver;

    public void Held(OpenHold hold)
    {
        lock (gate)
        {
            if (!isOver) answer ??= begin(hold);
        }
    }

    public void Dispose()
    {
        lock (gate)
        {
            isOver = true;
            answer?.Dispose();
        }
    }
}

/// <summary>The answer to one hold.</summary>
public sealed class PendingAnswer(LedgerPartition partition, AbandonedRequest request, Action<PendingAnswer> end) : IDisposable
{
    private readonly TaskCompletionSource hungUp = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private CancellationTokenRegistration registration;

    public LedgerPartition Partition => partition;

    public AbandonedRequest Request => request;

    /// <summary>Awaited here, so that it ends in its waiter's context: combined with others as it is, it would end on a thread of the pool.</summary>
    public async Task HungUpAsync() => await hungUp.Task;

    public void Watch(Action abandon, CancellationToken connection) => registration = connection.Register(abandon);

    public void ShowHangUp() => hungUp.TrySetResult();

    public void Dispose()
    {
        registration.Dispose();
        end(this);
    }
}
