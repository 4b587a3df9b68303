using ServerlessImages.Accounts;
using ServerlessImages.Ledger;
using ServerlessImages.Simulation.Scheduling;
using ServerlessImages.Simulation.Stores;

namespace ServerlessImages.Simulation.Load;

/// <summary>What one account does to its partition.</summary>
/// <param name="PerSecond">Requests offered, at random times, over all instances.</param>
internal sealed record LoadPlan(int Instances, double PerSecond, TimeSpan Duration, Plan Plan)
{
    public TimeSpan Drawing { get; } = TimeSpan.FromSeconds(12);
}

/// <summary>
/// One account's load on many instances in virtual time: nothing fails, and what is counted is what it costs and how long it takes. Each request makes a hold,
/// draws for 12 s and settles; callers do not wait for one another.
/// </summary>
internal sealed class LoadRun
{
    private readonly LoadPlan plan;
    private readonly Scheduler scheduler;
    private readonly SeededRandom random;
    private readonly LedgerPartition partition = new("acct_load", Livemode: true);
    private readonly List<Instance> instances = [];

    private LoadRun(LoadPlan plan, ulong seed)
    {
        this.plan = plan;
        random = new SeededRandom(seed);
        scheduler = new Scheduler(Verdict);
        Server = new PartitionServer(scheduler, new TableModel(Verdict, _ => { }), new SeededRandom(random.Fork()));
        for (var number = 1; number <= plan.Instances; number++) instances.Add(NewInstance(number));
    }

    public Verdict Verdict { get; } = new();

    public PartitionServer Server { get; }

    /// <summary>When each admitted request was held, since the beginning.</summary>
    public List<TimeSpan> Admitted { get; } = [];

    /// <summary>How long each admitted request waited for its hold.</summary>
    public List<TimeSpan> HoldTimes { get; } = [];

    public SortedDictionary<string, int> Refused { get; } = new(StringComparer.Ordinal);

    public int Settled { get; private set; }

    public static LoadRun Run(LoadPlan plan, ulong seed)
    {
        var run = new LoadRun(plan, seed);
        run.Run();
        return run;
    }

    private void Run()
    {
        instances[0].Process.In(TimeSpan.Zero, () => _ = instances[0].Ledger.GrantAsync(partition, "grant", new Money(1_000_000_000_000)));
        var begin = TimeSpan.FromSeconds(1);
        for (var at = begin; at < begin + plan.Duration; at += random.Exponential(TimeSpan.FromSeconds(1 / plan.PerSecond)))
        {
            var instance = random.Pick(instances);
            instance.Process.In(at, () => _ = CallAsync(instance));
        }

        scheduler.RunUntil(begin + plan.Duration + TimeSpan.FromMinutes(2));
    }

    private async Task CallAsync(Instance instance)
    {
        var began = scheduler.Elapsed;
        var result = await instance.Ledger.HoldAsync(partition, Request(instance.Ledger.NextRequestId()));
        if (!result.TryGet(out var outcome, out var error))
        {
            Refused[error.Code] = Refused.GetValueOrDefault(error.Code) + 1;
            return;
        }

        Admitted.Add(scheduler.Elapsed);
        HoldTimes.Add(scheduler.Elapsed - began);
        await Task.Delay(plan.Drawing, instance.Clock);
        var hold = outcome.Hold!;
        var settled = await instance.Ledger.SettleAsync(partition, hold, hold.Hold.Quote, hold.Hold.Close(hold.Hold.Quote));
        if (settled.TryGet(out _, out _)) Settled++;
    }

    private HoldRequest Request(string id) =>
        new(id, new Money(10_000), plan.Plan, TimeSpan.FromMinutes(10), new("generation", "key", "gpt-image-2", 1, "1024x1024", "low", "png", "gpt-image-2@2026-04-21", new string('f', 64)));

    private Instance NewInstance(int number)
    {
        var process = new VirtualProcess(scheduler, $"instance {number}");
        var clock = new VirtualClock(scheduler, process, TimeSpan.Zero);
        var tables = Server.For(process);
        var entropy = new SeededEntropy(new SeededRandom(random.Fork()), number);
        return new Instance(process, clock, new AccountLedger(tables, new OpenPartitions(tables, clock), clock, entropy));
    }

    private sealed record Instance(VirtualProcess Process, VirtualClock Clock, AccountLedger Ledger);
}
