using ServerlessImages.Storage;

namespace ServerlessImages.Deployments;

/// <summary>
/// The table <c>deployments</c>: PartitionKey is the deployment's name, RowKey is <c>S</c>. A call to a deployment whose quota is known takes its place under the
/// row's ETag, so that all instances together keep to it; one without a quota is written only when it fails or works again.
/// </summary>
public sealed class DeploymentStates(ITableStore store, PoolOptions options, TimeProvider clock)
{
    private const string RowKey = "S";

    /// <summary>How long others' failures may be unknown here. A place in the pace is never taken on a guess.</summary>
    private static readonly TimeSpan CachedFor = TimeSpan.FromSeconds(5);

    private readonly ExpiringCache<Known> cache = new(clock, entriesMax: 10_000);

    /// <exception cref="StoreUnavailableException">The store could not be asked.</exception>
    public async Task<DeploymentState> LookAsync(Deployment deployment, CancellationToken cancel) => (await KnownAsync(deployment, cancel)).State;

    /// <summary>Takes a call's place.</summary>
    /// <returns>Whether it may be made now. Not, if another instance was faster.</returns>
    /// <exception cref="StoreUnavailableException">The store could not be asked.</exception>
    /// <exception cref="WriteFateUnknownException">The place may be taken, and is lost then.</exception>
    public async Task<bool> TryBeginAsync(Deployment deployment, CancellationToken cancel)
    {
        while (true)
        {
            var known = await KnownAsync(deployment, cancel);
            var now = clock.GetUtcNow();
            if (known.State.FreeAt(deployment, now) > now) return false;
            if (known.State.PerMinute(deployment) is null && !known.State.IsHalfOpen) return true;
            if (await TryWriteAsync(deployment, known, known.State.Begin(deployment, now), cancel)) return true;
        }
    }

    /// <returns>What is known of it now, and what was before.</returns>
    public async Task<(DeploymentState Before, DeploymentState After)> EndAsync(Deployment deployment, Attempt attempt, CancellationToken cancel)
    {
        while (true)
        {
            var known = await KnownAsync(deployment, cancel);
            var ended = known.State.End(attempt, clock.GetUtcNow(), options.ClosedMax);
            if (ReferenceEquals(ended, known.State) || await TryWriteAsync(deployment, known, ended, cancel)) return (known.State, ended);
        }
    }

    private async Task<Known> KnownAsync(Deployment deployment, CancellationToken cancel)
    {
        if (cache.TryGet(deployment.Name, out var cached)) return cached!;

        var row = await store.FindAsync(TableNames.Deployments, deployment.Name, RowKey, cancel);
        var known = row is null ? new Known(new DeploymentState(), null) : new Known(DeploymentState.From(row.Columns), row.ETag);
        cache.Set(deployment.Name, known, CachedFor);
        return known;
    }

    private async Task<bool> TryWriteAsync(Deployment deployment, Known known, DeploymentState changed, CancellationToken cancel)
    {
        var write = known.ETag is null ? RowWrite.Insert(RowKey, changed.ToColumns()) : RowWrite.Replace(RowKey, changed.ToColumns(), known.ETag);

        // Whatever becomes of it, what was known before is known no longer.
        cache.Remove(deployment.Name);
        var written = await store.CommitAsync(TableNames.Deployments, deployment.Name, [write], cancel);
        if (written.Applied) cache.Set(deployment.Name, new Known(changed, written.ETags[0]), CachedFor);
        return written.Applied;
    }

    private sealed record Known(DeploymentState State, string? ETag);
}
