using ServerlessImages.Events;
using ServerlessImages.Storage;

namespace ServerlessImages.Webhooks;

/// <summary>Why an endpoint gets nothing, if so.</summary>
public enum EndpointState
{
    Enabled,

    /// <summary>Its account wants it so.</summary>
    DisabledByRequest,

    /// <summary>It answered 410: it is gone.</summary>
    DisabledGone,

    /// <summary>A delivery failed to the last attempt, and none succeeded meanwhile.</summary>
    DisabledFailing,

    /// <summary>It is being removed, and nobody sees it any more.</summary>
    Deleted,
}

/// <summary>Where an account wants to be told of its events.</summary>
/// <param name="Types">Of the events that it wants; none for all, also those that there will be.</param>
/// <param name="Secrets">What its messages are signed with.</param>
/// <param name="Cursor">The number of the last event that it was given deliveries of, as far as it wants them.</param>
public sealed record WebhookEndpoint(string Id, string Url, string Description, IReadOnlyList<string> Types, EndpointState State, DateTimeOffset Created, SecretPair Secrets, long Cursor)
{
    private const string SecretColumns = "Secret";
    private const string PreviousSecretColumns = "PreviousSecret";
    private static readonly TimeSpan RestMin = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan RestMax = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan SuccessNotedEvery = TimeSpan.FromHours(1);

    /// <summary>How many deliveries are in its log.</summary>
    public int Records { get; init; }

    /// <summary>How many rounds of attempts in a row had no success.</summary>
    public int Failures { get; init; }

    /// <summary>Nothing is attempted before.</summary>
    public DateTimeOffset RestsUntil { get; init; }

    /// <summary>To the hour.</summary>
    public DateTimeOffset SucceededAt { get; init; }

    /// <summary>Whether its account is still to be told that it was disabled.</summary>
    public bool IsNoticeDue { get; init; }

    public string ETag { get; init; } = "";

    public bool IsEnabled => State == EndpointState.Enabled;

    /// <summary>Whether its last round failed, or so many that it gets nothing any more.</summary>
    public bool IsFailing => State is EndpointState.DisabledGone or EndpointState.DisabledFailing || (IsEnabled && Failures > 0);

    public long Mask => IsEnabled ? EventTypes.MaskOf(Types) : 0;

    public bool Wants(EventFact fact) =>
        fact.Type == EventTypes.EndpointTest ? fact.Data.GetProperty("webhook_endpoint_id").GetString() == Id : EventTypes.IsIn(EventTypes.MaskOf(Types), fact.Type);

    /// <summary>What a round of attempts says of it. Where nothing went through it rests, so that what is dead costs little; it also does where it asks for that.</summary>
    public WebhookEndpoint After(IReadOnlyCollection<AttemptOutcome> round, DateTimeOffset now)
    {
        if (round.Any(each => each.IsSuccess) && (Failures > 0 || now - SucceededAt >= SuccessNotedEvery)) return (this with { Failures = 0, SucceededAt = now }).Throttled(round, now);
        if (round.Any(each => each.IsSuccess)) return Throttled(round, now);

        var failures = Failures + 1;
        var rest = TimeSpan.FromTicks(Math.Min(RestMin.Ticks << Math.Min(failures - 1, 10), RestMax.Ticks));
        return (this with { Failures = failures, RestsUntil = now + rest }).Throttled(round, now);
    }

    public Columns ToColumns()
    {
        var columns = new Columns
        {
            { nameof(Url), Url },
            { nameof(Description), Description },
            { nameof(Types), string.Join(' ', Types) },
            { nameof(State), State.ToString() },
            { nameof(Created), Created.ToUnixTimeMilliseconds() },
            { nameof(Cursor), Cursor },
            { nameof(Records), Records },
            { nameof(Failures), Failures },
            { nameof(RestsUntil), RestsUntil.ToUnixTimeMilliseconds() },
            { nameof(SucceededAt), SucceededAt.ToUnixTimeMilliseconds() },
            { nameof(IsNoticeDue), IsNoticeDue ? 1 : 0 },
        };
        Secrets.Current.AddTo(columns, SecretColumns);
        Secrets.Previous?.AddTo(columns, PreviousSecretColumns);
        columns.Add(nameof(SecretPair.PreviousUntil), Secrets.PreviousUntil.ToUnixTimeMilliseconds());
        return columns;
    }

    public static WebhookEndpoint From(Row row)
    {
        var columns = row.Columns;
        return new WebhookEndpoint(
            row.Key[WebhookRows.EndpointsStart.Length..],
            columns.Text(nameof(Url)),
            columns.Text(nameof(Description)),
            columns.Text(nameof(Types)).Split(' ', StringSplitOptions.RemoveEmptyEntries),
            Enum.Parse<EndpointState>(columns.Text(nameof(State))),
            Time(nameof(Created)),
            new SecretPair(SecretSeed.From(columns, SecretColumns)!, SecretSeed.From(columns, PreviousSecretColumns), Time(nameof(SecretPair.PreviousUntil))),
            columns.Integer(nameof(Cursor)))
        {
            Records = (int)columns.Integer(nameof(Records)),
            Failures = (int)columns.Integer(nameof(Failures)),
            RestsUntil = Time(nameof(RestsUntil)),
            SucceededAt = Time(nameof(SucceededAt)),
            IsNoticeDue = columns.Integer(nameof(IsNoticeDue)) != 0,
            ETag = row.ETag,
        };

        DateTimeOffset Time(string name) => DateTimeOffset.FromUnixTimeMilliseconds(columns.Integer(name));
    }

    private WebhookEndpoint Throttled(IEnumerable<AttemptOutcome> round, DateTimeOffset now)
    {
        var asked = round.Select(each => each.Throttle).Max();
        return asked is { } rest && now + rest > RestsUntil ? this with { RestsUntil = now + rest } : this;
    }
}
