using System.Collections.Concurrent;

namespace ServerlessImages.Local.Stripe;

public enum StripeFaultKind
{
    /// <summary>Is done, and answered 500; its idempotency key repeats that.</summary>
    FailsAfter,

    /// <summary>Is refused with 429 before anything is done; a key does not repeat that.</summary>
    RateLimited,

    /// <summary>The connection breaks before anything is done.</summary>
    BreaksBefore,

    /// <summary>Is done, and the connection breaks instead of an answer.</summary>
    BreaksAfter,

    /// <summary>Is done, and not answered until the caller gives up.</summary>
    Hangs,
}

/// <summary>What is to go wrong with a call.</summary>
public sealed record StripeFault(StripeFaultKind Kind)
{
    /// <summary>Why a call was limited: the header <c>Stripe-Rate-Limited-Reason</c>. Null: a lock was not got in time, code <c>lock_timeout</c>.</summary>
    public string? Reason { get; init; } = "global-rate";

    /// <summary>The header <c>Stripe-Should-Retry</c>; null: none.</summary>
    public bool? ShouldRetry { get; init; }

    /// <summary>The header <c>Retry-After</c> in seconds; null: none.</summary>
    public int? RetryAfter { get; init; }
}

/// <summary>What is to go wrong next, in order.</summary>
internal sealed class StripeFaults
{
    private readonly ConcurrentQueue<(StripeFault Fault, string Path)> failing = new();
    private readonly ConcurrentQueue<(StripeFault Fault, string Path)> other = new();

    public void Add(StripeFault fault, int count, string path)
    {
        for (var each = 0; each < count; each++) (fault.Kind == StripeFaultKind.FailsAfter ? failing : other).Enqueue((fault, path));
    }

    /// <summary>Asked only when something is done: a repeated answer uses up no failure.</summary>
    public bool Fails(string path) => Take(failing, path) is not null;

    public StripeFault? Next(string path) => Take(other, path);

    private static StripeFault? Take(ConcurrentQueue<(StripeFault Fault, string Path)> faults, string path)
    {
        lock (faults)
        {
            return faults.TryPeek(out var next) && path.StartsWith(next.Path, StringComparison.Ordinal) && faults.TryDequeue(out next) ? next.Fault : null;
        }
    }
}
