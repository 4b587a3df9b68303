using System.Collections.Concurrent;
using ServerlessImages.Images;

namespace ServerlessImages.Deployments;

/// <summary>
/// Draws on one of the deployments of a model: a healthy and free one of the lowest priority, of equals the one with the most room. Goes on to another only where
/// surely nothing was billed; where none is free, the request waits its turn, for as long as is sensible.
/// </summary>
public sealed class DeploymentPool : IImageModel
{
    /// <summary>Of the longest wait: who is let in by the estimate is to be served in fact.</summary>
    private const double EstimateShare = 0.8;

    /// <summary>Whoever has the turn reads and writes a row at most, unless it may wait for a deployment: so long a turn is worth waiting for, whatever the patience.</summary>
    private static readonly TimeSpan TurnWaitMin = TimeSpan.FromSeconds(5);

    /// <summary>Another instance may have closed or opened a deployment meanwhile.</summary>
    private static readonly TimeSpan LooksAgainAfter = TimeSpan.FromSeconds(5);

    private readonly IImageDeployments deployments;
    private readonly DeploymentStates states;
    private readonly PoolOptions options;
    private readonly IEntropy entropy;
    private readonly TimeProvider clock;
    private readonly ILookup<string, Deployment> byModel;
    private readonly ConcurrentDictionary<(string Model, bool IsQuarantine), FairTurns> turns = [];

    public DeploymentPool(IImageDeployments deployments, DeploymentStates states, PoolOptions options, IEntropy entropy, TimeProvider clock)
    {
        (this.deployments, this.states, this.options, this.entropy, this.clock) = (deployments, states, options, entropy, clock);
        byModel = deployments.All.ToLookup(each => each.Model, StringComparer.Ordinal);
    }

    public async Task<Result<GeneratedImages>> GenerateAsync(ImageCall call, Func<PartialImage, ValueTask> onPartial, CancellationToken deadline)
    {
        var all = For(call);
        List<Deployment> left = [.. all];
        if (left.Count == 0) return ApiError.NoDeploymentAvailable(null, $"No deployment is configured for {call.Request.Model.Id}.");

        var until = clock.GetUtcNow() + options.WaitMax;
        ApiError? failure = null;
        while (left.Count > 0)
        {
            var waitedSince = clock.GetTimestamp();
            var taken = await TakeAsync(call, left, all, until, deadline);
            Telemetry.DeploymentWait.Record(clock.GetElapsedTime(waitedSince).TotalSeconds, KeyValuePair.Create<string, object?>("model", call.Request.Model.Id));
            if (!taken.TryGet(out var deployment, out var busy)) return failure is null || busy.Kind != ApiErrorKind.UpstreamUnavailable ? busy : failure with { RetryAfter = busy.RetryAfter };

            var attempt = await TryAsync(deployment, call, onPartial, deadline);
            if (!attempt.MayGoElsewhere || attempt.Result.TryGet(out _, out failure)) return attempt.Result;

            // One that is throttled for a moment may be free again before the others.
            if (attempt.End != AttemptEnd.Throttled || clock.GetUtcNow() + attempt.WaitsFor > until) left.Remove(deployment);
        }

        return failure!;
    }

    /// <summary>Accounts on probation draw in quarantine, if the model has one, and only they do.</summary>
    private Deployment[] For(ImageCall call)
    {
        var all = byModel[call.Request.Model.Id];
        var own = all.Where(each => each.IsQuarantine == call.OnProbation).ToArray();
        return own.Length > 0 ? own : [.. all];
    }

    private async Task<Attempt> TryAsync(Deployment deployment, ImageCall call, Func<PartialImage, ValueTask> onPartial, CancellationToken deadline)
    {
        var startedAt = clock.GetTimestamp();
        var attempt = await deployments.TryAsync(deployment, call, onPartial, deadline);
        call.Attempts.Add(new(deployment.Name, attempt.End, clock.GetElapsedTime(startedAt)), attempt.Result.TryGet(out _, out var error) ? null : error.Moderation);
        await EndAsync(deployment, attempt);

        // What blocks a resource blocks all that is deployed in it: no call has to find that out for each.
        if (attempt.End == AttemptEnd.Blocked && deployment.Resource.Length > 0)
        {
            foreach (var other in deployments.All.Where(each => each != deployment && each.Resource == deployment.Resource)) await EndAsync(other, attempt);
        }

        return attempt;
    }

    private async Task EndAsync(Deployment deployment, Attempt attempt)
    {
        try
        {
            var (before, after) = await states.EndAsync(deployment, attempt, CancellationToken.None);
            if (after.Closing != DeploymentClosing.None && after.ClosedUntil != before.ClosedUntil) Telemetry.DeploymentClosed.Add(1, KeyValuePair.Create<string, object?>("deployment", deployment.Name), KeyValuePair.Create<string, object?>("reason", after.Closing.ToString().ToLowerInvariant()));
        }
        catch (Exception cause) when (cause is Storage.StoreUnavailableException or Storage.WriteFateUnknownException)
        {
            // The image is there or not, whatever is known of the deployment: the next call finds out by itself.
        }
    }

    /// <returns>The deployment whose next call is ours; or <c>no_deployment_available</c>, or why nothing may be drawn for the account any more.</returns>
    private async Task<Result<Deployment>> TakeAsync(ImageCall call, List<Deployment> among, Deployment[] all, DateTimeOffset until, CancellationToken deadline)
    {
        var model = call.Request.Model.Id;
        var order = turns.GetOrAdd((model, all[0].IsQuarantine), _ => new FairTurns(options.WaitingMax, options.WaitingMaxOfAccount, clock));
        while (true)
        {
            var wait = TimeSpan.Zero;
            if (order.TryEnter(call.Share, ahead => (wait = Expected(among, order.Interval) * ahead) <= Left(until, TurnWaitMin) * EstimateShare) is not { } waiter) return Busy(model, wait - (options.WaitMax * EstimateShare));
            try
            {
                if (!await HasTurnAsync(order, waiter, until, deadline)) return Busy(model, TimeSpan.Zero);
                while (true)
                {
                    if (await call.RefusalAsync(deadline) is { } refusal) return refusal;
                    var (free, at) = await FirstFreeAsync(among, deadline);
                    if (free is not null && await states.TryBeginAsync(free, deadline)) return free;
                    if (at > until) return Busy(model, at - clock.GetUtcNow());
                    wait = at - clock.GetUtcNow();

                    // Those who may take any deployment are not kept waiting by one that may not.
                    if (among.Count < all.Length) break;
                    await WaitAsync(wait, deadline);
                }
            }
            finally
            {
                order.Leave(waiter);
            }

            await WaitAsync(wait, deadline);
        }
    }

    /// <summary>Timers know whole milliseconds only, and round down.</summary>
    private Task WaitAsync(TimeSpan wait, CancellationToken deadline) =>
        wait > TimeSpan.Zero ? Task.Delay(TimeSpan.FromMilliseconds(Math.Ceiling((wait < LooksAgainAfter ? wait : LooksAgainAfter).TotalMilliseconds)), clock, deadline) : Task.CompletedTask;

    /// <returns>Whether it is our turn; not, if that took too long.</returns>
    private async Task<bool> HasTurnAsync(FairTurns order, FairTurns.Waiter waiter, DateTimeOffset until, CancellationToken deadline)
    {
        using var patience = clock.CreateTimer(_ => order.GiveUp(waiter), null, Left(until, TurnWaitMin), Timeout.InfiniteTimeSpan);
        using var ended = deadline.Register(() => order.GiveUp(waiter));
        return await waiter.Turn;
    }

    private TimeSpan Left(DateTimeOffset until, TimeSpan atLeast) => until - clock.GetUtcNow() is var left && left > atLeast ? left : atLeast;

    /// <returns>The best one that is free now, or null; and when the first will be.</returns>
    private async Task<(Deployment? Free, DateTimeOffset At)> FirstFreeAsync(List<Deployment> among, CancellationToken cancel)
    {
        var looks = new List<(Deployment Deployment, DateTimeOffset At, int Headroom, double Lot)>(among.Count);
        foreach (var each in among)
        {
            var state = await states.LookAsync(each, cancel);
            looks.Add((each, state.FreeAt(each, clock.GetUtcNow()), state.Headroom(each, clock.GetUtcNow()) ?? int.MaxValue, entropy.NextFraction()));
        }

        var now = clock.GetUtcNow();
        var first = looks.Min(each => each.At);
        var free = looks.Where(each => each.At <= now).OrderBy(each => each.Deployment.Priority).ThenByDescending(each => each.Headroom).ThenBy(each => each.Lot).FirstOrDefault();
        return (free.Deployment, first);
    }

    /// <summary>How long after one another calls begin: as lately, and no faster than the operator's quotas let them.</summary>
    private static TimeSpan Expected(List<Deployment> among, TimeSpan lately)
    {
        var quotas = among.Any(each => each.RequestsPerMinute is null) ? TimeSpan.Zero : DeploymentState.Window / among.Sum(each => each.RequestsPerMinute!.Value);
        return quotas > lately ? quotas : lately;
    }

    private static ApiError Busy(string model, TimeSpan wait) =>
        ApiError.NoDeploymentAvailable(TimeSpan.FromSeconds(Math.Clamp(Math.Ceiling(wait.TotalSeconds), 1, DeploymentState.Window.TotalSeconds * 10)), $"All deployments of {model} are busy or closed.");
}
