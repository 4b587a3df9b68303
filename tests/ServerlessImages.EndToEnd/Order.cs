using System.Collections.Concurrent;
using System.Globalization;

namespace ServerlessImages.EndToEnd;

/// <summary>Something that a caller wants once, however often it has to be sent.</summary>
/// <param name="Id">Unique, and part of the prompt: no two orders are the same picture.</param>
/// <param name="IsKeyed">Sent under an <c>Idempotency-Key</c>, its id.</param>
/// <param name="Steer">Words that make the upstream fail, or "".</param>
internal sealed record Order(string Id, Customer Customer, bool IsKeyed, int Images, string Steer)
{
    /// <summary>Sent to be answered later.</summary>
    public bool IsJob { get; init; }

    /// <summary>Of an old image, which is sent along.</summary>
    public bool IsEdit { get; init; }

    /// <summary>Every call that was sent for it, with what its caller saw.</summary>
    public ConcurrentQueue<Attempt> Attempts { get; } = new();

    public IEnumerable<Delivery> Deliveries => Attempts.Select(each => each.Delivery).OfType<Delivery>();

    /// <summary>The jobs that it was accepted as.</summary>
    public IEnumerable<string> Jobs => Attempts.Select(each => each.Job).OfType<string>().Distinct(StringComparer.Ordinal);

    /// <summary>The ends of its jobs, as its caller was told of them.</summary>
    public ConcurrentQueue<(string Job, string Status)> Ends { get; } = new();

    /// <summary>Its caller has not been told how it ended, nor what to ask for.</summary>
    public bool IsOpen => !Deliveries.Any() && !Jobs.Any() && !Attempts.Any(each => each.IsRefused);

    /// <summary>Names a call in the ledger: its entry has it as the end user.</summary>
    public string NextAttemptId() => string.Create(CultureInfo.InvariantCulture, $"{Id}.{Interlocked.Increment(ref attempts)}");

    private int attempts;
}

/// <summary>A call as its caller saw it: delivered, accepted as a job, refused, or neither, where the connection broke or the answer was that it goes on.</summary>
/// <param name="RefusalCode">The error's code, or null.</param>
/// <param name="Job">The id of the job that it was accepted as, or null.</param>
internal sealed record Attempt(string Id, Delivery? Delivery = null, string? RefusalCode = null, string? Job = null)
{
    /// <summary>The codes of answers that may still be charged, or were: see <c>docs/errors.md</c>.</summary>
    private static readonly string[] NotOver = ["still_generating", "idempotency_in_progress", "result_deleted"];

    /// <summary>By our own word it is not charged.</summary>
    public bool IsRefused => RefusalCode is not null && !NotOver.Contains(RefusalCode);
}

/// <param name="RequestId">By the answer.</param>
/// <param name="Charge">What the answer says that it cost.</param>
/// <param name="Hashes">SHA-256 of each image in it.</param>
internal sealed record Delivery(string RequestId, Money Charge, string Hashes);
