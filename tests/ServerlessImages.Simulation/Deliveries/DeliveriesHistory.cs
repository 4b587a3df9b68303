using System.Text.Json;
using ServerlessImages.Accounts;
using ServerlessImages.Events;
using ServerlessImages.Ledger;
using ServerlessImages.Simulation.Invariants;
using ServerlessImages.Simulation.Scheduling;
using ServerlessImages.Simulation.Stores;
using ServerlessImages.Simulation.World;
using ServerlessImages.Storage;
using ServerlessImages.Webhooks;

namespace ServerlessImages.Simulation.Deliveries;

/// <summary>
/// Hours of a few accounts that are told of what happens, endpoints that fail in every way, hints that are lost, and processes that die between any two steps: at
/// rest each endpoint has taken every event that it wanted, at least once.
/// </summary>
internal sealed class DeliveriesHistory : IWorld
{
    private const int RowsMax = 10_000;
    private static readonly Plan Ample = new("ample", 0, RequestsPerMinute: 600_000, Burst: 10_000, OpenRequestsMax: 10_000, QueueWeight: 1);

    /// <summary>Whatever failed so late that its next attempt is the sixth or seventh comes within it, by the slowest clock.</summary>
    private static readonly TimeSpan RestMax = TimeSpan.FromHours(28);

    private readonly SeededRandom random;
    private readonly SimulatedEndpoints endpoints;
    private readonly Dictionary<(string Partition, string Id), EndpointOracle> oracles = [];

    private StateHash hash = StateHash.Empty;
    private int instancesEver;
    private int acts;
    private int steps;

    private DeliveriesHistory(ulong seed, Trace? trace)
    {
        Trace = trace;
        random = new SeededRandom(seed);
        Plan = DeliveriesPlan.Draw(random);
        Scheduler = new Scheduler(Verdict);
        trace?.Follow(Scheduler);
        Network = new VirtualProcess(Scheduler, "network");
        Tables = new TableModel(Verdict, Committed);
        endpoints = new SimulatedEndpoints(this, new SeededRandom(random.Fork()));
        Instances = [.. Enumerable.Range(0, Plan.Instances).Select(_ => NewInstance())];
    }

    public DeliveriesPlan Plan { get; }
    public Verdict Verdict { get; } = new();
    public Scheduler Scheduler { get; }
    public VirtualProcess Network { get; }
    public TableModel Tables { get; }
    public List<DeliveriesInstance> Instances { get; }
    public HistoryCounts Counts { get; } = new();
    public Trace? Trace { get; }
    public bool IsAtRest { get; private set; }

    public static HistoryOutcome Run(ulong seed, Trace? trace = null)
    {
        var history = new DeliveriesHistory(seed, trace);
        history.Run();
        return new HistoryOutcome(seed, history.Verdict.Violation, history.Scheduler.Count, history.hash.With(history.Scheduler.Count).Value, history.Counts, history.Plan);
    }

    /// <summary>A write was applied, or an endpoint called: where the plan says so, the process does not live to learn of it.</summary>
    public void Called(DeliveriesInstance by)
    {
        if (!IsAtRest && Plan.Kills.Contains(++steps)) Kill(by);
    }

    public void CheckFault(string what, Exception cause)
    {
        Trace?.Add($"{what} failed: {cause.GetType().Name}: {cause.Message}");
        if (!Faults.IsSimulated(cause)) Verdict.Fail("no fault is our own", $"{what}: {cause}");
    }

    /// <summary>A queue: whoever is there takes the message, once, twice or never.</summary>
    public void Hint(LedgerPartition partition, TimeSpan delay)
    {
        if (!IsAtRest && random.Chance(Plan.HintsLost)) return;
        for (var times = random.Chance(0.1) ? 2 : 1; times > 0; times--)
        {
            Network.In(delay + random.Exponential(TimeSpan.FromMilliseconds(200)), () => random.Pick(Instances).Deliver(partition));
        }
    }

    private IEnumerable<LedgerPartition> Accounts => Enumerable.Range(0, Plan.Accounts).Select(number => new LedgerPartition($"acct_{number}", Livemode: true));

    private void Run()
    {
        foreach (var account in Accounts)
        {
            Network.In(TimeSpan.Zero, () => _ = TryAsync("a grant", instance => instance.Ledger.GrantAsync(account, "grant", Money.Dollars(1_000))));
            for (var number = 0; number < Plan.Endpoints; number++) PlanEndpoint(account, number);
            for (var number = 0; number < Plan.Facts; number++) Network.In(random.UpTo(Plan.Busy), () => Happen(account));
        }

        Scheduler.RunUntil(Plan.Busy);
        IsAtRest = true;
        Scheduler.RunUntil(Plan.Busy + RestMax);
        foreach (var account in Accounts.TakeWhile(_ => !Verdict.HasFailed)) CheckAtRest(account);
    }

    private void PlanEndpoint(LedgerPartition account, int number)
    {
        string[] types = random.Pick<string[]>([[], [EventTypes.KeyRevoked], [EventTypes.RequestSucceeded, EventTypes.RequestFailed], [EventTypes.EndpointDisabled, EventTypes.RequestFailed]]);
        var url = SimulatedEndpoints.Url(account, number);
        Network.In(random.UpTo(Plan.Busy / 2), () => _ = AddAsync());
        if (!Plan.Switches || number > 0) return;
        Network.In(random.UpTo(Plan.Busy), () => _ = SwitchAsync(isOn: false));
        Network.In(Plan.Busy * 1.01, () => _ = SwitchAsync(isOn: true));

        async Task AddAsync()
        {
            await TryAsync("adding an endpoint", instance => instance.Manage.AddAsync(account, new WebhookTerms(url, null, types, null), $"endpoint {number}", CancellationToken.None));
            var (known, wanted) = (Tables.Find(TableNames.Ledger, account.Key, LedgerRows.Balance)?.Columns.Integer("WantedEvents") ?? 0, EventTypes.MaskOf(types));
            if (oracles.Values.Any(each => each.Last.Url == url && each.Last.IsEnabled) && (known & wanted) != wanted) Verdict.Fail("who has added an endpoint is told from then on", $"The balance of {account} knows {known:x}, not {wanted:x}.");
        }

        async Task SwitchAsync(bool isOn)
        {
            var id = oracles.Values.FirstOrDefault(each => each.Last.Url == url)?.Last.Id;
            if (id is null) return;
            await TryAsync("switching an endpoint", instance => instance.Manage.ChangeAsync(account, id, new WebhookTerms(null, null, null, isOn), CancellationToken.None));
        }
    }

    /// <summary>A request that succeeds or fails, or an act that has no entry.</summary>
    private void Happen(LedgerPartition account)
    {
        var act = $"act_{++acts}";
        if (random.Chance(0.3)) _ = TryAsync("an act", instance => instance.Ledger.AnnounceAsync(account, new EventFact(EventTypes.KeyRevoked, JsonSerializer.SerializeToElement(new { act })), act));
        else random.Pick(Instances).Do("a request", instance => RequestAsync(instance, account, succeeds: random.Chance(0.7)));
    }

    private static async Task RequestAsync(DeliveriesInstance instance, LedgerPartition account, bool succeeds)
    {
        var summary = new RequestSummary("generation", "key", "gpt-image-2", 1, "1024x1024", "low", "png", "gpt-image-2@2026-04-21", new string('f', 64));
        var held = await instance.Ledger.HoldAsync(account, new HoldRequest(instance.Ledger.NextRequestId(), new(100), Ample, TimeSpan.FromHours(1), summary));
        if (!held.TryGet(out var outcome, out _)) return;

        var hold = outcome.Hold!;
        if (succeeds) await instance.Ledger.SettleAsync(account, hold, new(50), hold.Hold.Close(new(50)));
        else await instance.Ledger.VoidAsync(account, hold, hold.Hold.Close(Money.Zero, "upstream_failed"));
    }

    /// <summary>Whoever is not told that it is done does it again.</summary>
    private async Task<bool> TryAsync<T>(string what, Func<DeliveriesInstance, Task<T>> work)
    {
        for (var tries = 0; tries < 200; tries++)
        {
            var done = new TaskCompletionSource<bool>();
            var instance = random.Pick(Instances);
            instance.Do(what, async each =>
            {
                await work(each);
                done.TrySetResult(true);
            });
            if (await done.Task.WaitAsync(TimeSpan.FromMinutes(3), new VirtualClock(Scheduler, Network, TimeSpan.Zero)).ContinueWith(task => task.IsCompletedSuccessfully, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default)) return true;
        }

        Verdict.Fail("what is tried again gets done", what);
        return false;
    }

    private void CheckAtRest(LedgerPartition account)
    {
        var ledger = Tables.Range(TableNames.Ledger, account.Key, "", "~", RowsMax);
        var events = ledger.Where(row => row.Key[0] == 'E').ToArray();
        var facts = events.Select(EventRow.From).SelectMany(row => row.Facts).ToArray();
        var own = oracles.Where(each => each.Key.Partition == account.Key).Select(each => each.Value).ToArray();
        foreach (var oracle in own.Where(each => each.Last.IsEnabled)) CheckTaken(oracle, events);
        foreach (var oracle in own.Where(each => endpoints.Gone.Contains(each.Last.Url))) CheckGone(oracle, facts);
        if (facts.Select(EndpointOracle.Act).OfType<string>().CountBy(act => act).FirstOrDefault(act => act.Value > 1) is { Key: { } twice }) Verdict.Fail("an act is told once", $"{twice} of {account} was not.");
        var wanted = own.Aggregate(0L, (mask, each) => mask | each.Last.Mask);
        if (own.Length > 0 && ledger.Find(row => row.Key == LedgerRows.Balance)!.Columns.Integer("WantedEvents") != wanted) Verdict.Fail("the balance knows what is wanted", $"That of {account} does not.");
        Counts.Charges += ledger.Count(row => row.Key[0] == 'L');
        Counts.EventsTold += facts.Length;
    }

    private void CheckTaken(EndpointOracle oracle, IReadOnlyList<Row> events)
    {
        if (oracle.Due(events).FirstOrDefault(id => !endpoints.HasTaken(oracle.Last.Url, id)) is { } missing) Verdict.Fail("every event is delivered to every endpoint that wants it", $"{missing} was not to {oracle.Last.Url}.");
    }

    private void CheckGone(EndpointOracle oracle, IReadOnlyList<EventFact> facts)
    {
        if (oracle.Last.IsEnabled) return;
        var told = facts.Count(fact => fact.Type == EventTypes.EndpointDisabled && fact.Data.GetProperty("webhook_endpoint_id").GetString() == oracle.Last.Id);
        if (oracle.Last.State == EndpointState.DisabledGone && (told == 0 || told > oracle.Disablings)) Verdict.Fail("an account is told that an endpoint was disabled", $"Of {oracle.Last.Url} it was told {told} times, for {oracle.Disablings}.");
    }

    private void Committed(Commit commit)
    {
        Counts.Commits++;
        hash = hash.With(Scheduler.Microseconds).With(commit.Changes.Count).With(commit.Changes[0].Key);
        Trace?.Add($"{commit.Partition}: {string.Join(' ', commit.Changes.Select(change => (change.After is null ? "-" : change.Before is null ? "+" : "~") + change.Key))}");
        if (commit.Table == TableNames.Ledger) CheckTold(commit);
        if (commit.Table != TableNames.Webhooks) return;
        foreach (var change in commit.Changes.Where(change => change.After is not null && change.Key.StartsWith(WebhookRows.EndpointsStart, StringComparison.Ordinal)))
        {
            var endpoint = WebhookEndpoint.From(change.After!);
            if (change.Before is null) oracles[(commit.Partition, endpoint.Id)] = new EndpointOracle(LedgerPartition.Parse(commit.Partition), endpoint);
            else oracles[(commit.Partition, endpoint.Id)].Changed(endpoint);
        }
    }

    /// <summary>The balance that leads a transaction says what is wanted of it.</summary>
    private void CheckTold(Commit commit)
    {
        var told = commit.Changes.Where(change => change.Key[0] == 'E').SelectMany(change => EventRow.From(change.After!).Facts).Where(fact => fact.Type.StartsWith("request.", StringComparison.Ordinal)).ToArray();
        foreach (var entry in commit.Changes.Where(change => change.Key[0] == 'L').Select(change => LedgerEntry.From(change.After!)))
        {
            var type = entry.IsCharge ? EventTypes.RequestSucceeded : EventTypes.RequestFailed;
            var (before, due) = (IsWanted(commit.Changes[0].Before, type), IsWanted(commit.Changes[0].After, type));
            var count = told.Count(fact => fact.Type == type && fact.Data.GetProperty("request_id").GetString() == entry.Id);

            // Where it comes to be wanted in the same transaction, either may come first.
            if (before == due && count != due) Verdict.Fail("a request's end is told with its entry, where it is wanted", $"{entry.Id} was told {count} times, not {due}.");
        }
    }

    private static int IsWanted(Row? balance, string type) => EventTypes.IsIn(balance?.Columns.Integer("WantedEvents") ?? 0, type) ? 1 : 0;

    private DeliveriesInstance NewInstance() => new(this, ++instancesEver, random.Between(-Plan.SkewMax, Plan.SkewMax), new SeededRandom(random.Fork()), endpoints);

    private void Kill(DeliveriesInstance instance)
    {
        if (!instance.Process.IsAlive) return;
        Counts.Kills++;
        Trace?.Add($"{instance.Process.Name} dies");
        instance.Process.Kill();
        Network.In(random.UpTo(TimeSpan.FromSeconds(5)), () => Instances[Instances.IndexOf(instance)] = NewInstance());
    }
}
