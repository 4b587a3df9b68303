using ServerlessImages.Events;
using ServerlessImages.Storage;

namespace ServerlessImages.Webhooks;

public enum DeliveryState
{
    Pending,
    Succeeded,
    Failed,
}

/// <summary>What became of the delivery of an event to an endpoint: what is logged, and what waits for its next attempt.</summary>
/// <param name="Attempts">How many came to an end since it was made or replayed: what breaks off on our side is not the endpoint's fault.</param>
public sealed record DeliveryRecord(EventId Event, string Type, DateTimeOffset Created, DeliveryState State, int Attempts)
{
    /// <summary>When the last attempt ended; the epoch if none did.</summary>
    public DateTimeOffset AttemptedAt { get; init; } = DateTimeOffset.UnixEpoch;

    /// <summary>What was answered to it; 0 if nothing was.</summary>
    public int Status { get; init; }

    /// <summary>Why nothing was: <see cref="WebhookAnswer.Problem"/>.</summary>
    public string Problem { get; init; } = "";

    /// <summary>Of the next attempt; null if there is none.</summary>
    public DateTimeOffset? DueAt { get; init; }

    public string ETag { get; init; } = "";

    /// <summary>What an answer makes of it.</summary>
    /// <param name="now">When it came.</param>
    public AttemptOutcome After(WebhookAnswer answer, DateTimeOffset now, IEntropy entropy)
    {
        var attempted = this with { Attempts = Attempts + 1, AttemptedAt = now, Status = answer.Status ?? 0, Problem = answer.Problem };
        if (answer.Status is >= 200 and < 300) return new(attempted with { State = DeliveryState.Succeeded, DueAt = null });

        var isGone = answer.Status == 410;
        var throttle = answer.Status is 429 or 502 or 503 or 504 ? AttemptOutcome.Bounded(answer.RetryAfter) : (TimeSpan?)null;
        if (isGone || DeliverySchedule.DelayAfter(attempted.Attempts, entropy) is not { } delay) return new(attempted with { State = DeliveryState.Failed, DueAt = null }) { IsGone = isGone, IsExhausted = !isGone, Throttle = throttle };
        return new(attempted with { DueAt = now + (throttle > delay ? throttle.Value : delay) }) { Throttle = throttle };
    }

    public Columns ToColumns() => new()
    {
        { nameof(EventId.Number), Event.Number },
        { nameof(EventId.Place), Event.Place },
        { nameof(Type), Type },
        { nameof(Created), Created.ToUnixTimeMilliseconds() },
        { nameof(State), State.ToString() },
        { nameof(Attempts), Attempts },
        { nameof(AttemptedAt), AttemptedAt.ToUnixTimeMilliseconds() },
        { nameof(Status), Status },
        { nameof(Problem), Problem },
        { nameof(DueAt), DueAt?.ToUnixTimeMilliseconds() ?? 0 },
    };

    public static DeliveryRecord From(Row row)
    {
        var columns = row.Columns;
        return new DeliveryRecord(
            new EventId(columns.Integer(nameof(EventId.Number)), (int)columns.Integer(nameof(EventId.Place))),
            columns.Text(nameof(Type)),
            DateTimeOffset.FromUnixTimeMilliseconds(columns.Integer(nameof(Created))),
            Enum.Parse<DeliveryState>(columns.Text(nameof(State))),
            (int)columns.Integer(nameof(Attempts)))
        {
            AttemptedAt = DateTimeOffset.FromUnixTimeMilliseconds(columns.Integer(nameof(AttemptedAt))),
            Status = (int)columns.Integer(nameof(Status)),
            Problem = columns.Text(nameof(Problem)),
            DueAt = columns.Integer(nameof(DueAt)) is > 0 and var due ? DateTimeOffset.FromUnixTimeMilliseconds(due) : null,
            ETag = row.ETag,
        };
    }
}

/// <summary>What one attempt came to.</summary>
public sealed record AttemptOutcome(DeliveryRecord Record)
{
    private static readonly TimeSpan ThrottleMin = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ThrottleMax = TimeSpan.FromDays(1);

    public bool IsSuccess => Record.State == DeliveryState.Succeeded;

    /// <summary>The endpoint wants nothing more, ever.</summary>
    public bool IsGone { get; init; }

    /// <summary>That was the last attempt.</summary>
    public bool IsExhausted { get; init; }

    /// <summary>How long the endpoint asks to be left alone; null if it does not.</summary>
    public TimeSpan? Throttle { get; init; }

    /// <summary>What an endpoint asks for, within reason.</summary>
    public static TimeSpan Bounded(TimeSpan? asked) => asked is not { } rest || rest < ThrottleMin ? ThrottleMin : rest > ThrottleMax ? ThrottleMax : rest;
}
