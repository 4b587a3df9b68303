using ServerlessImages.Deployments;
using ServerlessImages.Images;
using ServerlessImages.Simulation.Scheduling;
using ServerlessImages.Simulation.Stores;
using ServerlessImages.Simulation.World;

namespace ServerlessImages.Simulation.Load;

/// <summary>One account's calls: so many a minute at random times, from some time on.</summary>
internal sealed record PoolAccount(FairShare Share, double PerMinute, TimeSpan From = default);

internal sealed record PoolPlan(int Instances, IReadOnlyList<Deployment> Deployments, IReadOnlyList<PoolAccount> Accounts, TimeSpan Duration)
{
    public PoolOptions Options { get; init; } = new();

    /// <summary>As <see cref="VirtualDeployments.Ills"/>.</summary>
    public IReadOnlyDictionary<string, (TimeSpan From, AttemptEnd End)> Ills { get; init; } = new Dictionary<string, (TimeSpan, AttemptEnd)>();
}

/// <summary>What became of one call.</summary>
/// <param name="Waited">For a deployment, whether it got one or not.</param>
/// <param name="RetryAfter">Null if it was drawn.</param>
internal sealed record PoolCall(string Account, TimeSpan At, TimeSpan Waited, TimeSpan? RetryAfter)
{
    public bool IsDrawn => RetryAfter is null;
}

/// <summary>Several accounts' calls on several instances, which share deployments, in virtual time.</summary>
internal sealed class PoolRun
{
    private readonly PoolPlan plan;
    private readonly Scheduler scheduler;
    private readonly SeededRandom random;
    private readonly List<(VirtualProcess Process, DeploymentPool Pool)> instances = [];

    private PoolRun(PoolPlan plan, ulong seed)
    {
        this.plan = plan;
        random = new SeededRandom(seed);
        scheduler = new Scheduler(Verdict);
        Upstream = new VirtualDeployments(scheduler, plan.Deployments);
        foreach (var (name, ill) in plan.Ills) Upstream.Ills.Add(name, ill);
        var server = new PartitionServer(scheduler, new TableModel(Verdict, _ => { }), new SeededRandom(random.Fork()));
        for (var number = 1; number <= plan.Instances; number++)
        {
            var process = new VirtualProcess(scheduler, $"instance {number}");
            var clock = new VirtualClock(scheduler, process, TimeSpan.Zero);
            instances.Add((process, new DeploymentPool(Upstream.For(clock, new SeededRandom(random.Fork())), new DeploymentStates(server.For(process), plan.Options, clock), plan.Options, new SeededEntropy(new SeededRandom(random.Fork()), number), clock)));
        }
    }

    public Verdict Verdict { get; } = new();

    public VirtualDeployments Upstream { get; }

    public List<PoolCall> Calls { get; } = [];

    public static PoolRun Run(PoolPlan plan, ulong seed)
    {
        var run = new PoolRun(plan, seed);
        run.Run();
        return run;
    }

    private void Run()
    {
        foreach (var account in plan.Accounts)
        {
            for (var at = account.From; at < plan.Duration; at += random.Exponential(TimeSpan.FromMinutes(1 / account.PerMinute)))
            {
                var (process, pool) = random.Pick(instances);
                process.In(at, () => _ = CallAsync(pool, account));
            }
        }

        scheduler.RunUntil(plan.Duration + TimeSpan.FromMinutes(10));
    }

    private async Task CallAsync(DeploymentPool pool, PoolAccount account)
    {
        var at = scheduler.Elapsed;
        var call = new ImageCall("req", Catalog.Requests[0], null, account.Share);
        var drawn = await pool.GenerateAsync(call, _ => ValueTask.CompletedTask, CancellationToken.None);
        var drawing = TimeSpan.FromTicks(AttemptLog.Parse(call.Attempts.ToString()).Sum(each => each.Duration.Ticks));
        Calls.Add(new(account.Share.Account, at, scheduler.Elapsed - at - drawing, drawn.TryGet(out _, out var error) ? null : error.RetryAfter ?? TimeSpan.Zero));
    }
}
