using ServerlessImages.Simulation.Scheduling;

namespace ServerlessImages.Simulation.World;

/// <summary>A payment provider: tells of a payment until an instance has confirmed it.</summary>
internal sealed class GrantAnnouncer(History history, SimulatedAccount account)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly SeededRandom random = new(history.Random.Fork());

    /// <param name="expiresAt">When what is left of it expires, or null.</param>
    public async Task AnnounceAsync(string id, Money amount, DateTimeOffset? expiresAt)
    {
        var announced = account.Grants.GetValueOrDefault(id) ?? (account.Grants[id] = new AnnouncedGrant(amount));
        for (var tries = 0; tries < 20; tries++)
        {
            if (await TryAsync(random.Pick(history.Instances), id, amount, expiresAt))
            {
                announced.IsConfirmed = true;
                return;
            }

            await Task.Delay(random.UpTo(TimeSpan.FromSeconds(20)), history.CallersClock);
        }
    }

    private Task<bool> TryAsync(Instance instance, string id, Money amount, DateTimeOffset? expiresAt)
    {
        var confirmed = new TaskCompletionSource<bool>();
        instance.Process.In(TimeSpan.FromMilliseconds(1), () => _ = GrantAsync(instance, id, amount, expiresAt, confirmed));
        history.Callers.In(Patience, () => confirmed.TrySetResult(false));
        return confirmed.Task;
    }

    private async Task GrantAsync(Instance instance, string id, Money amount, DateTimeOffset? expiresAt, TaskCompletionSource<bool> confirmed)
    {
        try
        {
            if (expiresAt is { } at) await instance.Ledger.GrantExpiringAsync(account.Partition, id, amount, at);
            else await instance.Ledger.GrantAsync(account.Partition, id, amount);
            history.Callers.In(TimeSpan.FromMilliseconds(1), () => confirmed.TrySetResult(true));
        }
        catch (Exception cause)
        {
            history.CheckFault($"the grant {id}", cause);
        }
    }
}
