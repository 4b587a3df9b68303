using System.Text.Json;
using ServerlessImages.Events;
using ServerlessImages.Ledger;
using ServerlessImages.Simulation.Scheduling;
using ServerlessImages.Simulation.Stores;
using ServerlessImages.Storage;
using ServerlessImages.Webhooks;

namespace ServerlessImages.Simulation.Deliveries;

/// <summary>The customers' own servers: each with its failures, and with what it took.</summary>
internal sealed class SimulatedEndpoints(DeliveriesHistory history, SeededRandom random)
{
    private static readonly TimeSpan SenderTimeout = TimeSpan.FromSeconds(15);
    private readonly Dictionary<string, EndpointRates> rates = [];
    private readonly HashSet<(string Url, string Id)> taken = [];
    private readonly Dictionary<string, string> bodies = [];

    /// <summary>Those that said that they are gone.</summary>
    public HashSet<string> Gone { get; } = [];

    public static string Url(LedgerPartition account, int number) => $"https://{account.Account.Replace('_', '-')}.example/{number}";

    /// <summary>Or has said that it never wants it.</summary>
    public bool HasTaken(string url, string id) => taken.Contains((url, id));

    public IWebhookSender For(DeliveriesInstance instance) => new Connection(this, instance);

    private Task<WebhookAnswer> SendAsync(DeliveriesInstance instance, WebhookMessage message)
    {
        var url = message.Url.AbsoluteUri;
        if (!bodies.TryAdd(message.Id, message.Body) && bodies[message.Id] != message.Body) history.Verdict.Fail("an event is the same on every attempt", $"{message.Id} was {bodies[message.Id]} and then {message.Body}.");
        history.Counts.Attempts++;
        history.Trace?.Add($"{instance.Process.Name} sends {message.Id} to {url}");
        var answer = new Answer<WebhookAnswer>(instance.Process, CancellationToken.None);
        var fate = NextFate(url);
        if (fate.Takes) history.Network.In(Latency, () => taken.Add((url, message.Id)));
        if (fate.Answer is { Status: 410 }) Refuse(url, message.Id);
        answer.Arrive(fate.Answer.Status is null ? SenderTimeout : 2 * Latency, fate.Answer);
        history.Called(instance);
        return answer.Task;
    }

    private (bool Takes, WebhookAnswer Answer) NextFate(string url)
    {
        if (!rates.TryGetValue(url, out var own)) rates[url] = own = EndpointRates.Draw(random, history.Plan.Busy);
        var lost = new WebhookAnswer(null, "timed_out");
        if (history.IsAtRest) return (true, new WebhookAnswer(200, ""));
        if (own.Outage is { } outage && history.Scheduler.Elapsed >= outage.From && history.Scheduler.Elapsed < outage.To) return (false, lost);
        if (own.Gone && history.Scheduler.Elapsed > history.Plan.Busy / 2) return (false, new WebhookAnswer(410, ""));
        var luck = random.Fraction();
        if ((luck -= own.Dropped) < 0) return (false, lost);
        if ((luck -= own.AnswerLost) < 0) return (true, lost);
        if ((luck -= own.Status500) < 0) return (false, new WebhookAnswer(500, ""));
        if ((luck -= own.Status301) < 0) return (false, new WebhookAnswer(301, ""));
        return (luck - own.Status429) < 0 ? (false, new WebhookAnswer(429, "", random.UpTo(TimeSpan.FromMinutes(10)))) : (true, new WebhookAnswer(200, ""));
    }

    private void Refuse(string url, string id)
    {
        Gone.Add(url);
        taken.Add((url, id));
    }

    private TimeSpan Latency => random.Exponential(TimeSpan.FromMilliseconds(80));

    private sealed class Connection(SimulatedEndpoints endpoints, DeliveriesInstance instance) : IWebhookSender
    {
        public Task<WebhookAnswer> SendAsync(WebhookMessage message, CancellationToken cancel) => endpoints.SendAsync(instance, message);
    }
}

/// <summary>What an endpoint has to be told, as the rows of the ledger and the changes of its own row say.</summary>
internal sealed class EndpointOracle(LedgerPartition account, WebhookEndpoint added)
{
    private readonly List<(long After, long Through)> skipped = [];
    private readonly WebhookEndpoint first = added;

    public WebhookEndpoint Last { get; private set; } = added;

    /// <summary>How often it was disabled, and not by request.</summary>
    public int Disablings { get; private set; }

    /// <summary>Its row was changed: while it is disabled it is told of nothing that happens.</summary>
    public void Changed(WebhookEndpoint now)
    {
        if (!Last.IsEnabled && now.IsEnabled) skipped.Add((Last.Cursor, now.Cursor));
        if (Last.IsEnabled && now.IsNoticeDue) Disablings++;
        Last = now;
    }

    /// <summary>The ids of the events that it has to have taken.</summary>
    public IEnumerable<string> Due(IEnumerable<Row> events) =>
        from row in events.Select(EventRow.From)
        where row.Number > first.Cursor && !skipped.Any(each => row.Number > each.After && row.Number <= each.Through)
        from fact in row.Facts.Index()
        where first.Types.Count == 0 ? fact.Item.Type != EventTypes.EndpointTest : first.Types.Contains(fact.Item.Type)
        select new EventId(row.Number, fact.Index).ToText(account);

    public static string? Act(EventFact fact) => fact.Data.TryGetProperty("act", out var act) && act.ValueKind == JsonValueKind.String ? act.GetString() : null;
}
