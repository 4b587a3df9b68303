using ServerlessImages.Keys;
using ServerlessImages.Ledger;
using ServerlessImages.Simulation.Scheduling;

namespace ServerlessImages.Simulation.World;

/// <summary>Who sets an account's limits and revokes its key: asks one instance or another until one has done it.</summary>
internal sealed class AccountOwner(History history, SimulatedAccount account)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly SeededRandom random = new(history.Random.Fork());

    /// <summary>What there is to do, each at a time of its own.</summary>
    public IEnumerable<(TimeSpan At, string What, Func<Instance, Task> DoAsync)> Acts()
    {
        var partition = account.Partition;
        if (account.Plan.Limit > Money.Zero) yield return (TimeSpan.Zero, "the credit limit", instance => instance.Ledger.SetLimitAsync(partition, account.Plan.Limit));
        if (account.Plan.Budget is { } budget)
        {
            string[] rows = [.. account.Callers.Select(caller => LedgerRows.KeyBudget(caller.Key.Id)), .. SimulatedAccount.EndUsers.Select(LedgerRows.EndUserBudget)];
            foreach (var row in rows) yield return (random.UpTo(TimeSpan.FromMinutes(1)), "a budget", instance => instance.Ledger.SetBudgetAsync(partition, row, new BudgetLimits(Total: budget, Day: budget, Month: budget)));
        }

        if (account.Plan.Revokes) yield return (random.UpTo(TimeSpan.FromMinutes(3)), "a revocation", instance => new RevokeApiKey(instance.Keys, instance.Ledger).RunAsync(partition, account.Callers[1].Key.Id, CancellationToken.None));
    }

    public async Task ActAsync(TimeSpan at, string what, Func<Instance, Task> doAsync)
    {
        await Task.Delay(at, history.CallersClock);
        for (var tries = 0; tries < 20 && !await TryAsync(random.Pick(history.Instances), what, doAsync); tries++) await Task.Delay(random.UpTo(TimeSpan.FromSeconds(20)), history.CallersClock);
    }

    private Task<bool> TryAsync(Instance instance, string what, Func<Instance, Task> doAsync)
    {
        var done = new TaskCompletionSource<bool>();
        instance.Process.In(TimeSpan.FromMilliseconds(1), () => _ = RunAsync(instance, what, doAsync, done));
        history.Callers.In(Patience, () => done.TrySetResult(false));
        return done.Task;
    }

    private async Task RunAsync(Instance instance, string what, Func<Instance, Task> doAsync, TaskCompletionSource<bool> done)
    {
        try
        {
            await doAsync(instance);
            history.Callers.In(TimeSpan.FromMilliseconds(1), () => done.TrySetResult(true));
        }
        catch (Exception cause)
        {
            history.CheckFault(what, cause);
        }
    }
}
