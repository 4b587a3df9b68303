using System.Globalization;
using ServerlessImages.Storage;

namespace ServerlessImages.Deployments;

public enum DeploymentClosing
{
    None,

    /// <summary>It said that its quota is used up.</summary>
    Throttled,

    /// <summary>Its resource refuses everybody.</summary>
    Blocked,

    /// <summary>It failed too often in a row: the breaker is open.</summary>
    Failing,
}

/// <summary>
/// What all instances know of a deployment together: when calls began in the last minute, and until when and why it is closed. Pure: no store, no clock.
/// </summary>
/// <remarks>
/// The pace is a log of starts and not a rate with a burst: Azure counts the calls of a minute, and only a log lets the whole quota in at once and yet never more in any minute.
/// </remarks>
public sealed record DeploymentState
{
    /// <summary>In which a quota counts: a minute, and as much as one call may be longer under way than another.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromMilliseconds(60_500);

    /// <summary>Faster ones need no pacing: no image deployment comes near it, and the log of their starts would not fit into a row.</summary>
    private const int PerMinuteMax = 1_000;

    /// <summary>So many failures in a row open the breaker.</summary>
    public const int FailuresMax = 3;

    /// <summary>Azure lifts blocks by hand or after hours; a call now and then finds out.</summary>
    private static readonly TimeSpan BlockedFor = TimeSpan.FromMinutes(15);

    private static readonly TimeSpan FailingFor = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan FailingForMax = TimeSpan.FromMinutes(10);

    /// <summary>Longer than most calls. Whoever probes and dies keeps the others out for no longer than this.</summary>
    private static readonly TimeSpan ProbedFor = TimeSpan.FromMinutes(2);

    /// <summary>Oldest first; of those that still count.</summary>
    public IReadOnlyList<DateTimeOffset> Starts { get; init; } = [];

    public DeploymentClosing Closing { get; init; }

    /// <summary>Meaningless without a reason for <see cref="Closing"/>.</summary>
    public DateTimeOffset ClosedUntil { get; init; }

    /// <summary>In a row.</summary>
    public int Failures { get; init; }

    /// <summary>Until then one call finds out whether it works again, and all others wait.</summary>
    public DateTimeOffset ProbedUntil { get; init; }

    /// <summary>The quota that the deployment itself told of, or null.</summary>
    public int? ToldPerMinute { get; init; }

    /// <summary>It was closed for failing, and that time is over: one call at a time finds out.</summary>
    public bool IsHalfOpen => Failures >= FailuresMax;

    /// <summary>The narrower of what the operator says and of what the deployment says; null for neither.</summary>
    public int? PerMinute(Deployment deployment)
    {
        var narrower = deployment.RequestsPerMinute is { } said && ToldPerMinute is { } told ? Math.Min(said, told) : deployment.RequestsPerMinute ?? ToldPerMinute;
        return narrower > PerMinuteMax ? null : narrower;
    }

    /// <summary>When the next call may begin.</summary>
    public DateTimeOffset FreeAt(Deployment deployment, DateTimeOffset now)
    {
        var free = now;
        if (Closing != DeploymentClosing.None && ClosedUntil > free) free = ClosedUntil;
        if (IsHalfOpen && ProbedUntil > free) free = ProbedUntil;
        return PerMinute(deployment) is { } most && PacedAt(most, now) is var paced && paced > free ? paced : free;
    }

    /// <summary>For people: <c>open</c>, <c>throttled</c>, <c>blocked</c>, <c>failing</c>, or <c>probing</c> while a call finds out whether it works again.</summary>
    public string WordAt(DateTimeOffset now) => Closing != DeploymentClosing.None && ClosedUntil > now ? Closing.ToString().ToLowerInvariant() : IsHalfOpen ? "probing" : "open";

    /// <summary>How many calls may begin now, or null if nobody counts.</summary>
    public int? Headroom(Deployment deployment, DateTimeOffset now) => PerMinute(deployment) is { } most ? Math.Max(0, most - Recent(now).Count()) : null;

    /// <summary>A call begins.</summary>
    public DeploymentState Begin(Deployment deployment, DateTimeOffset now) => this with
    {
        Starts = PerMinute(deployment) is null ? [] : [.. Recent(now), now],
        ProbedUntil = IsHalfOpen ? now + ProbedFor : ProbedUntil,
    };

    /// <summary>A call has ended.</summary>
    /// <param name="closedMax">For how long it is closed at most.</param>
    /// <returns>This itself where nothing is new.</returns>
    public DeploymentState End(Attempt attempt, DateTimeOffset now, TimeSpan closedMax)
    {
        var told = attempt.RequestsPerMinute is { } quota and > 0 && quota != ToldPerMinute ? this with { ToldPerMinute = quota } : this;
        return attempt.End switch
        {
            _ when closedMax == TimeSpan.Zero => told,
            AttemptEnd.Answered => told.Succeed(now),
            AttemptEnd.Throttled => told.Close(DeploymentClosing.Throttled, now + Shorter(attempt.WaitsFor, closedMax)) with { ProbedUntil = now },
            AttemptEnd.Blocked => told.Close(DeploymentClosing.Blocked, now + Shorter(BlockedFor, closedMax)) with { Failures = Math.Max(Failures + 1, FailuresMax), ProbedUntil = now },
            _ => told.Fail(now, closedMax),
        };
    }

    public Columns ToColumns() => new()
    {
        { nameof(Starts), string.Join(' ', Starts.Select(each => each.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture))) },
        { nameof(Closing), Closing.ToString() },
        { nameof(ClosedUntil), ClosedUntil.ToUnixTimeMilliseconds() },
        { nameof(Failures), Failures },
        { nameof(ProbedUntil), ProbedUntil.ToUnixTimeMilliseconds() },
        { nameof(ToldPerMinute), ToldPerMinute ?? 0 },
    };

    public static DeploymentState From(Columns columns) => new()
    {
        Starts = [.. columns.Text(nameof(Starts)).Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(each => Time(long.Parse(each, CultureInfo.InvariantCulture)))],
        Closing = Enum.Parse<DeploymentClosing>(columns.Text(nameof(Closing))),
        ClosedUntil = Time(columns.Integer(nameof(ClosedUntil))),
        Failures = checked((int)columns.Integer(nameof(Failures))),
        ProbedUntil = Time(columns.Integer(nameof(ProbedUntil))),
        ToldPerMinute = columns.Integer(nameof(ToldPerMinute)) is var told and > 0 ? checked((int)told) : null,
    };

    /// <summary>
    /// Half of the quota may begin at once. The rest comes evenly: else a busy deployment would take all its calls at once and then none for a minute, and whoever
    /// came next would wait that long, however small its share of the calls.
    /// </summary>
    private DateTimeOffset PacedAt(int most, DateTimeOffset now)
    {
        if (Recent(now).Count() < (most + 1) / 2) return now;
        var evenly = Starts[^1] + (Window / most);
        return Starts.Count >= most && Starts[^most] + Window > evenly ? Starts[^most] + Window : evenly;
    }

    private IEnumerable<DateTimeOffset> Recent(DateTimeOffset now) => Starts.Where(each => each > now - Window);

    /// <summary>While it is closed, a call that began before says nothing about what closed it.</summary>
    private DeploymentState Succeed(DateTimeOffset now)
    {
        if (Closing == DeploymentClosing.None && Failures == 0) return this;
        return Closing != DeploymentClosing.None && ClosedUntil > now ? this : this with { Closing = DeploymentClosing.None, Failures = 0, ProbedUntil = now };
    }

    private DeploymentState Fail(DateTimeOffset now, TimeSpan closedMax)
    {
        var failed = this with { Failures = Failures + 1, ProbedUntil = now };
        if (!failed.IsHalfOpen) return failed;
        var longer = FailingFor * Math.Pow(2, Math.Min(failed.Failures - FailuresMax, 10));
        return failed.Close(DeploymentClosing.Failing, now + Shorter(Shorter(longer, FailingForMax), closedMax));
    }

    private DeploymentState Close(DeploymentClosing why, DateTimeOffset until) => Closing != DeploymentClosing.None && ClosedUntil > until ? this : this with { Closing = why, ClosedUntil = until };

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private static DateTimeOffset Time(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
}
