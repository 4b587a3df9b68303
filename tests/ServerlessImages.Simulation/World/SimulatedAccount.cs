using ServerlessImages.Accounts;
using ServerlessImages.Keys;
using ServerlessImages.Simulation.Invariants;
using ServerlessImages.Simulation.Scheduling;

namespace ServerlessImages.Simulation.World;

/// <summary>One account: who calls for it, what its rows add up to, and what its callers remember.</summary>
internal sealed class SimulatedAccount(AccountPlan plan)
{
    public static IReadOnlyList<string> EndUsers { get; } = ["bob", "eve"];

    public AccountPlan Plan => plan;

    /// <summary>One for each of its two keys, as they were read at first: an instance never learns of a revocation by itself.</summary>
    public IReadOnlyList<Caller> Callers { get; } =
    [
        .. new[] { "first", "second" }.Select(name => new Caller(
            new ApiKey($"{name}_{plan.Id}", plan.Id, Livemode: true, Hash: "", PepperVersion: 1, Scope.All, VirtualClock.Start, ExpiresAt: null, Revoked: false),
            new Account(plan.Id, plan.Id, plan.Plan.Name, VirtualClock.Start),
            plan.Plan)),
    ];

    public Ledger.LedgerPartition Partition => Callers[0].Partition;

    public AccountBooks Books { get; } = new(plan.Plan);

    public List<LogicalRequest> Requests { get; } = [];

    /// <summary>The ids of jobs that callers were told.</summary>
    public HashSet<string> Jobs { get; } = [];

    /// <summary>Jobs that callers were told to be cancelled.</summary>
    public HashSet<string> Cancelled { get; } = [];

    /// <summary>Grants that were announced, and whether an instance confirmed them.</summary>
    public Dictionary<string, AnnouncedGrant> Grants { get; } = [];

    /// <summary>What its owner and its payment provider asked for, and an instance confirmed.</summary>
    public HashSet<string> Done { get; } = [];
}

internal sealed class AnnouncedGrant(Money amount)
{
    public Money Amount => amount;

    public bool IsConfirmed { get; set; }
}
