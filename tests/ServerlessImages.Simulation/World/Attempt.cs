using ServerlessImages.Images;
using ServerlessImages.Keys;

namespace ServerlessImages.Simulation.World;

/// <summary>What one caller wants once, however often it has to ask.</summary>
/// <param name="Number">Unique in the history; in the prompt, so that only repeats of one request are equal.</param>
/// <param name="Caller">With which key.</param>
internal sealed record LogicalRequest(int Number, SimulatedAccount Account, Caller Caller, ImageOrder Order)
{
    public string Fingerprint { get; } = RequestFingerprint.Of(Order.Request);

    public List<Attempt> Attempts { get; } = [];

    /// <summary>Sent again as an SDK does: at once after its time-out, with nothing to say that it is the same.</summary>
    public bool IsResend { get; init; }

    public string? Key => Order.IdempotencyKey;

    public override string ToString() => $"request {Number} of {Account.Plan.Id}{(Key is null ? "" : $" under {Key}")}";
}

/// <summary>One call: what was sent, what the instance answered, and what of it reached the caller.</summary>
internal sealed class Attempt(LogicalRequest request, Instance instance, long sentAt)
{
    private readonly TaskCompletionSource<Reply> reply = new();

    public LogicalRequest Request => request;

    public Instance Instance => instance;

    /// <summary>In microseconds of virtual time.</summary>
    public long SentAt => sentAt;

    /// <summary>Cancelled when the instance notices that its caller hung up.</summary>
    public CancellationTokenSource Connection { get; } = new();

    public CancellationToken HungUp => Connection.Token;

    /// <summary>The holds that were made for it, as far as it was told.</summary>
    public List<string> Holds { get; } = [];

    /// <summary>Its money was held only after its caller had hung up, so a call that was sent in between could not know of it.</summary>
    public bool IsHeldTooLate { get; private set; }

    public void AddHold(string requestId)
    {
        Holds.Add(requestId);
        IsHeldTooLate |= reply.Task.IsCompleted;
    }

    /// <summary>What the instance wrote, whether or not anyone still listened; null if it died before or still works.</summary>
    public Result<Generation>? Answer { get; set; }

    /// <summary>Whether the caller was still there, as far as the instance could tell, when it wrote the answer.</summary>
    public bool WasWritten { get; set; }

    public Task<Reply> Reply => reply.Task;

    /// <summary>The first of answer, broken connection and hang-up is what the caller got.</summary>
    public bool End(Reply end) => reply.TrySetResult(end);

    /// <summary>The answer, if it was images and reached the caller.</summary>
    public Generation? Delivered => reply.Task.IsCompleted ? reply.Task.Result.Images : null;

    /// <summary>The refusal or failure that the instance wrote.</summary>
    public ApiError? Error => Answer is { } answer && !answer.TryGet(out _, out var error) ? error : null;
}

internal enum ReplyKind
{
    Answered,

    /// <summary>The connection broke: the process died, or the network did.</summary>
    Broken,

    /// <summary>The caller gave up.</summary>
    HungUp,
}

internal sealed record Reply(ReplyKind Kind, Result<Generation>? Answer = null)
{
    public Generation? Images => Answer is { } answer && answer.TryGet(out var generation, out _) ? generation : null;

    public ApiError? Error => Answer is { } answer && !answer.TryGet(out _, out var error) ? error : null;
}
