using ServerlessImages.Accounts;
using ServerlessImages.Keys;
using ServerlessImages.Simulation.Invariants;
using ServerlessImages.Simulation.Scheduling;

namespace ServerlessImages.Simulation.World;

/// <summary>One account: who calls for it, what its rows add up to, and what its callers remember.</summary>
internal sealed class SimulatedAccount(AccountPlan plan)
{
    public AccountPlan Plan => plan;

    public Caller Caller { get; } = new(
        new ApiKey("key_" + plan.Id, plan.Id, Livemode: true, Hash: "", PepperVersion: 1, Scope.All, VirtualClock.Start, ExpiresAt: null, Revoked: false),
        new Account(plan.Id, plan.Id, plan.Plan.Name, VirtualClock.Start),
        plan.Plan);

    public AccountBooks Books { get; } = new(plan.Plan);

    public List<LogicalRequest> Requests { get; } = [];

    /// <summary>Grants that were announced, and whether an instance confirmed them.</summary>
    public Dictionary<string, AnnouncedGrant> Grants { get; } = [];
}

internal sealed class AnnouncedGrant(Money amount)
{
    public Money Amount => amount;

    public bool IsConfirmed { get; set; }
}
