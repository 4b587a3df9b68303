using System.Text.Json;
using ServerlessImages.Accounts;
using ServerlessImages.Images;
using ServerlessImages.Keys;
using ServerlessImages.Simulation.Invariants;
using ServerlessImages.Simulation.Scheduling;
using ServerlessImages.Simulation.Stores;
using ServerlessImages.Storage;

namespace ServerlessImages.Simulation.World;

/// <summary>One run of the world from one seed: instances, stores, callers and accidents, until all is at rest and the books are closed.</summary>
internal sealed class History : IWorld
{
    /// <summary>Every caller has given up by then.</summary>
    private static readonly TimeSpan CallersMax = TimeSpan.FromHours(6);

    private static readonly TimeSpan Step = TimeSpan.FromSeconds(5);
    private readonly Dictionary<string, SimulatedAccount> accounts;
    private readonly BlobModel blobs;
    private StateHash hash = StateHash.Empty;
    private int callersLeft;
    private int instancesEver;
    private int numbers;
    private int writes;

    private History(ulong seed, bool hasJobs, Trace? trace)
    {
        Trace = trace;
        Random = new SeededRandom(seed);
        QueueRandom = new SeededRandom(seed + 1);
        Plan = HistoryPlan.Draw(Random) with { HasJobs = hasJobs };
        Scheduler = new Scheduler(Verdict);
        trace?.Follow(Scheduler);
        Network = new VirtualProcess(Scheduler, "network");
        Callers = new VirtualProcess(Scheduler, "callers");
        CallersClock = new VirtualClock(Scheduler, Callers, TimeSpan.Zero);
        Tables = new TableModel(Verdict, Committed);
        Blobs = blobs = new BlobModel(() => Scheduler.Microseconds);
        accounts = Plan.Accounts.ToDictionary(plan => plan.Id, plan => new SimulatedAccount(plan));
        var keys = new ApiKeyDirectory(new DirectTables(Tables), CallersClock);
        foreach (var caller in accounts.Values.SelectMany(account => account.Callers)) _ = keys.AddAsync(caller.Key, CancellationToken.None);
        Plans = PlanCatalog.Parse(JsonSerializer.Serialize(new { plans = Plan.Accounts.Select(account => PlanOf(account)) }, new JsonSerializerOptions { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower }));
        var directory = new AccountDirectory(new DirectTables(Tables), Plans, CallersClock);
        if (hasJobs) foreach (var account in Plan.Accounts) _ = directory.OpenAsync(new Account(account.Id, account.Id, PlanOf(account).Name, VirtualClock.Start), CancellationToken.None);
        Instances = [.. Enumerable.Range(0, Plan.Instances).Select(_ => NewInstance())];
    }

    public HistoryPlan Plan { get; }
    public SeededRandom Random { get; }

    /// <summary>Of its own, so that histories without jobs are what they would be without it.</summary>
    public SeededRandom QueueRandom { get; }

    public PlanCatalog Plans { get; }
    public Verdict Verdict { get; } = new();
    public Scheduler Scheduler { get; }

    /// <summary>Where what was sent lives on when its sender dies.</summary>
    public VirtualProcess Network { get; }

    public VirtualProcess Callers { get; }
    public VirtualClock CallersClock { get; }
    public TableModel Tables { get; }
    public BlobModel Blobs { get; }
    public List<Instance> Instances { get; }
    public IEnumerable<SimulatedAccount> Accounts => accounts.Values;
    public HistoryCounts Counts { get; } = new();

    /// <summary>Kept only when a history is told, not when thousands are tried.</summary>
    public Trace? Trace { get; }

    /// <summary>From then on nothing fails any more.</summary>
    public bool IsAtRest { get; private set; }

    public static HistoryOutcome Run(ulong seed, bool hasJobs, Trace? trace = null)
    {
        var history = new History(seed, hasJobs, trace);
        history.Run();
        return new HistoryOutcome(seed, history.Verdict.Violation, history.Scheduler.Count, history.hash.Value, history.Counts, history.Plan);
    }

    public int NextNumber() => ++numbers;

    /// <summary>What an instance answered, at the moment at which it writes it.</summary>
    /// <param name="isHeard">Whether, as far as the instance knows, somebody is there.</param>
    public void Write(Attempt attempt, Result<Generation> answer, bool isHeard)
    {
        attempt.Instance.Attempts.Remove(attempt);
        if (isHeard)
        {
            var context = answer.TryGet(out var images, out var error) ? new AnswerContext(this, attempt, images, Error: null) : new AnswerContext(this, attempt, Images: null, error);
            foreach (var invariant in AnswerInvariants.All) Check(invariant.Name, invariant.Check(context));
            Counts.Count(attempt, images, error);
        }

        attempt.Answer = answer;
        attempt.WasWritten = isHeard;
        hash = hash.With(Scheduler.Microseconds).With(attempt.Request.Number).With(attempt.Error?.Code ?? "images");
        Trace?.Add($"{attempt.Instance.Process.Name} answers {attempt.Request}{(isHeard ? "" : ", whose caller is gone,")} with {attempt.Error?.Code ?? "images"}");
        var isLost = !Plan.IsCalm && !IsAtRest && Random.Chance(0.02);
        if (isHeard) Callers.In(TimeSpan.FromMilliseconds(5), () => attempt.End(isLost ? new Reply(ReplyKind.Broken) : new Reply(ReplyKind.Answered, answer)));
    }

    /// <summary>A store has taken a write: where the plan says so, its sender does not live to learn of it.</summary>
    public void Written(Instance sender)
    {
        writes++;
        if (!IsAtRest && Plan.KillsAtWrite.Contains(writes)) Kill(sender);
    }

    public void CheckFault(string what, Exception cause)
    {
        Trace?.Add($"{what} failed: {cause.GetType().Name}: {cause.Message}");
        if (!Faults.IsSimulated(cause)) Verdict.Fail("no fault is our own", $"{what}: {cause}");
    }

    /// <returns>The result whose commit point is stored, or null.</returns>
    public ImageResult? StoredResult(SimulatedAccount account, string requestId) =>
        Blobs.Find(BlobName(account, requestId, 0)) is { } blob ? ImageResult.Parse(blob.Note) : null;

    public ReadOnlyMemory<byte>? StoredImage(SimulatedAccount account, string requestId, int index, int attempt) =>
        Blobs.Find(BlobName(account, requestId, index) + (index > 0 && attempt > 1 ? $".{attempt}" : ""))?.Bytes;

    public IEnumerable<string> OrderBlobs() => Blobs.Names.Where(name => name.StartsWith("orders/", StringComparison.Ordinal));

    /// <summary>An instance tells a caller the id of its job.</summary>
    public void Accept(Attempt attempt, string id)
    {
        attempt.Request.Account.Jobs.Add(id);
        Counts.Jobs++;
        hash = hash.With(Scheduler.Microseconds).With(attempt.Request.Number).With(id);
        Trace?.Add($"{attempt.Instance.Process.Name} accepts {attempt.Request} as {id}");
    }

    /// <returns>In microseconds of virtual time; later than anything, where nothing is stored.</returns>
    public long StoredAt(SimulatedAccount account, string requestId) => Blobs.Find(BlobName(account, requestId, 0))?.StoredAt ?? long.MaxValue;

    private static string BlobName(SimulatedAccount account, string requestId, int index) => $"{account.Partition.Key}/{requestId}/{index}";

    private void Run()
    {
        Callers.In(TimeSpan.Zero, StartCallers);
        foreach (var at in Plan.Kills) Callers.In(at, () => Kill(Random.Pick(Instances)));
        foreach (var (at, duration) in Plan.Pauses) Callers.In(at, () => Pause(Random.Pick(Instances), duration));
        do Scheduler.RunUntil(Scheduler.Elapsed + Step);
        while (callersLeft > 0 && !Verdict.HasFailed && Scheduler.Elapsed < CallersMax);
        if (callersLeft > 0) Verdict.Fail("every caller comes to an end", $"{callersLeft} did not within {CallersMax}.");
        ComeToRest();
        foreach (var account in accounts.Values) CheckAtRest(account);
        hash = hash.With(Scheduler.Count).With(Verdict.Violation?.Invariant ?? "");
    }

    /// <summary>Faults stop; what is under way ends, and every hold that is left comes of age, even by the slowest clock: also that of a call that first waited for an abandoned request until this had expired; then all sweep at once, twice.</summary>
    private void ComeToRest()
    {
        IsAtRest = true;
        Scheduler.RunUntil(Scheduler.Elapsed + (2 * (Plan.Options.Deadline + Plan.Options.HoldMargin)) + (2 * Plan.SkewMax) + Plan.Pauses.Aggregate(TimeSpan.Zero, (sum, pause) => sum + pause.Duration) + TimeSpan.FromMinutes(2));
        for (var minute = 0; Plan.HasJobs && minute < Plan.Jobs.Lifetime.TotalMinutes + 25; minute += 5)
        {
            foreach (var instance in Instances) instance.Process.In(TimeSpan.Zero, () => _ = instance.SweepAsync());
            Scheduler.RunUntil(Scheduler.Elapsed + TimeSpan.FromMinutes(5));
        }

        for (var round = 0; round < 2; round++)
        {
            foreach (var instance in Instances) instance.Process.In(TimeSpan.Zero, () => _ = instance.SweepAsync());
            Scheduler.RunUntil(Scheduler.Elapsed + TimeSpan.FromMinutes(1));
        }
    }

    private void CheckAtRest(SimulatedAccount account)
    {
        var context = new RestContext(this, account);
        foreach (var invariant in RestInvariants.All)
        {
            if (!Verdict.HasFailed) Check(invariant.Name, invariant.Check(context));
        }

        hash = hash.With(account.Books.Head).With(account.Books.Balance.Available);
        Counts.Count(account.Books);
    }

    private void StartCallers()
    {
        foreach (var account in accounts.Values)
        {
            StartGrants(account);
            StartOwner(account);
            for (var number = 0; number < account.Plan.Callers; number++)
            {
                callersLeft++;
                var caller = new SimulatedCaller(this, account);
                _ = RunAsync(caller, Plan.HasJobs ? JobBehaviours.Draw(Random) : CallerBehaviours.Draw(Random), startsAt: Random.Pick<TimeSpan>([TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30), Random.UpTo(TimeSpan.FromMinutes(2))]));
            }
        }
    }

    private void StartGrants(SimulatedAccount account)
    {
        var announcer = new GrantAnnouncer(this, account);
        for (var number = 0; number <= account.Plan.TopUps; number++)
        {
            var amount = number == 0 ? account.Plan.FirstGrant : new Money(Random.Between(1_000, 300_000));
            var (id, at) = ($"grant_{number}", number == 0 ? TimeSpan.Zero : Random.UpTo(TimeSpan.FromMinutes(2)));

            // A webhook and a poll that meet: the same payment is announced more than once.
            for (var times = Random.Between(1, 3); times > 0; times--)
            {
                callersLeft++;
                _ = AnnounceAsync(announcer, id, amount, at);
            }
        }

        foreach (var promotion in account.Plan.Promotions)
        {
            for (var times = Random.Between(1, 3); times > 0; times--)
            {
                callersLeft++;
                _ = AnnounceAsync(announcer, promotion.Id, promotion.Amount, promotion.At, VirtualClock.Start + promotion.At + promotion.Lifetime);
            }
        }
    }

    private void StartOwner(SimulatedAccount account)
    {
        var owner = new AccountOwner(this, account);
        foreach (var (at, what, doAsync) in owner.Acts())
        {
            callersLeft++;
            _ = ActAsync(owner, at, what, doAsync);
        }
    }

    private async Task ActAsync(AccountOwner owner, TimeSpan at, string what, Func<Instance, Task> doAsync)
    {
        await owner.ActAsync(at, what, doAsync);
        callersLeft--;
    }

    private async Task AnnounceAsync(GrantAnnouncer announcer, string id, Money amount, TimeSpan at, DateTimeOffset? expiresAt = null)
    {
        await Task.Delay(at, CallersClock);
        await announcer.AnnounceAsync(id, amount, expiresAt);
        callersLeft--;
    }

    private async Task RunAsync(SimulatedCaller caller, CallerBehaviour behaviour, TimeSpan startsAt)
    {
        await caller.WaitAsync(startsAt);
        Trace?.Add($"a caller of {caller.Account.Plan.Id} {behaviour.Name}");
        await behaviour.RunAsync(caller);
        callersLeft--;
    }

    private void Committed(Commit commit)
    {
        Counts.Commits++;
        if (commit.Table == TableNames.Keys) NoteRevocation(commit);
        if (commit.Table != TableNames.Ledger || Verdict.HasFailed) return;

        var account = accounts[commit.Partition];
        account.Books.Apply(commit, Scheduler.Microseconds);
        hash = hash.With(Scheduler.Microseconds).With(commit.Changes.Count).With(account.Books.Balance.Head);
        Trace?.Add(commit, account.Books.Balance);
        var context = new CommitContext(this, account, commit);
        foreach (var invariant in CommitInvariants.All) Check(invariant.Name, invariant.Check(context));
    }

    private void NoteRevocation(Commit commit)
    {
        if (commit.Changes[0].After is { } key && key.Columns.Integer(nameof(ApiKey.Revoked)) != 0) accounts[key.Columns.Text(nameof(ApiKey.AccountId))].Books.KeysBeingRevoked.Add(commit.Partition);
    }

    private void Check(string invariant, string? wrong)
    {
        if (wrong is not null) Verdict.Fail(invariant, wrong);
    }

    private static Plan PlanOf(AccountPlan account) => account.Plan with { Name = $"{account.Plan.Name}_{account.Id}" };

    private Instance NewInstance()
    {
        var skew = Random.Between(-Plan.SkewMax, Plan.SkewMax);
        return new Instance(this, ++instancesEver, skew);
    }

    /// <summary>Whoever it was answering sees the connection break, and another process takes its place a little later.</summary>
    private void Kill(Instance instance)
    {
        if (!instance.Process.IsAlive || IsAtRest) return;
        Counts.Kills++;
        Trace?.Add($"{instance.Process.Name} dies");
        instance.Process.Kill();
        foreach (var attempt in instance.Attempts.OrderBy(attempt => attempt.SentAt).ThenBy(attempt => attempt.Request.Number)) Callers.In(TimeSpan.FromMilliseconds(1), () => attempt.End(new Reply(ReplyKind.Broken)));
        Callers.In(Random.UpTo(TimeSpan.FromSeconds(5)), () => Instances[Instances.IndexOf(instance)] = NewInstance());
    }

    private void Pause(Instance instance, TimeSpan duration)
    {
        Trace?.Add($"{instance.Process.Name} stands still for {duration}");
        instance.Pause(duration);
    }
}

/// <summary>What came of a history.</summary>
/// <param name="Hash">Of every commit and every answer, with their times: equal for equal histories.</param>
/// <param name="Plan">As text, what was drawn.</param>
internal sealed record HistoryOutcome(ulong Seed, Violation? Violation, int Events, ulong Hash, HistoryCounts Counts, object Plan);
