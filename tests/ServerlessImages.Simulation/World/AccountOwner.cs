using ServerlessImages.Keys;
using ServerlessImages.Ledger;
using ServerlessImages.Simulation.Scheduling;

namespace ServerlessImages.Simulation.World;

/// <summary>Who sets an account's limits, takes its payments back and revokes its key: asks one instance or another until one has done it.</summary>
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
            foreach (var row in rows) yield return (random.UpTo(TimeSpan.FromMinutes(1)), "a budget", instance => instance.Ledger.SetBudgetAsync(partition, row, budget));
        }

        foreach (var refund in account.Plan.Refunds)
        {
            // As with payments, the same is told more than once; and the end of a refund may be told before its beginning.
            for (var times = random.Between(1, 3); times > 0; times--) yield return (random.UpTo(TimeSpan.FromMinutes(2)), refund.Id, instance => TakeBackAsync(instance.Ledger, refund));
            if (refund.IsDispute)
            {
                // Its beginning and its end, in any order and on any instance: a stop that comes late stays.
                yield return (random.UpTo(TimeSpan.FromMinutes(1)), $"the stop for {refund.Id}", instance => instance.Ledger.StopAsync(partition, StopReasons.PaymentDisputed, isOn: true));
                yield return (random.UpTo(TimeSpan.FromMinutes(4)), $"the end of the stop for {refund.Id}", instance => instance.Ledger.StopAsync(partition, StopReasons.PaymentDisputed, isOn: false));
            }

            for (var times = refund.IsReversed ? random.Between(1, 3) : 0; times > 0; times--) yield return (random.UpTo(TimeSpan.FromMinutes(3)), $"the reversal of {refund.Id}", instance => instance.Ledger.ReverseAsync(partition, refund.Id, CancellationToken.None));
        }

        foreach (var (number, amount) in account.Plan.Invoices.Index())
        {
            for (var times = random.Between(1, 3); times > 0; times--) yield return (random.UpTo(TimeSpan.FromMinutes(3)), $"invoice_{number}", instance => instance.Ledger.PayAsync(partition, $"invoice_{number}", amount));
        }

        if (account.Plan.Revokes) yield return (random.UpTo(TimeSpan.FromMinutes(3)), "a revocation", instance => new RevokeApiKey(instance.Keys, instance.KeyList, instance.Ledger).RunAsync(partition, account.Callers[1].Key.Id, CancellationToken.None));
    }

    private Task<LedgerEntry> TakeBackAsync(AccountLedger ledger, RefundPlan refund) => refund.IsDispute
        ? ledger.DisputeAsync(account.Partition, refund.Id, refund.GrantId, refund.Amount)
        : ledger.RefundAsync(account.Partition, refund.Id, refund.GrantId, refund.Amount);

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
            account.Done.Add(what);
            history.Callers.In(TimeSpan.FromMilliseconds(1), () => done.TrySetResult(true));
        }
        catch (Exception cause)
        {
            history.CheckFault(what, cause);
        }
    }
}
