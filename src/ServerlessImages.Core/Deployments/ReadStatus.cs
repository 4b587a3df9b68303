using ServerlessImages.Pricing;
using ServerlessImages.Storage;

namespace ServerlessImages.Deployments;

/// <summary>How the models stand that are sold, from what all instances know of their deployments together. For everybody: no deployment is named, and no number tells how many there are.</summary>
public sealed class ReadStatus(IImageDeployments deployments, DeploymentStates states, SoldModels models, TimeProvider clock)
{
    /// <returns>Or <c>storage_unavailable</c>.</returns>
    /// <exception cref="StoreUnavailableException">The store could not be asked.</exception>
    public async Task<Result<IReadOnlyList<ModelStatus>>> RunAsync(CancellationToken cancel)
    {
        if (!(await models.AllAsync(cancel)).TryGet(out var all, out var error)) return error;
        List<ModelStatus> statuses = [];
        foreach (var sold in all)
        {
            var known = new List<DeploymentState>();
            var own = deployments.All.Where(each => each.Model == sold.Model.Id).ToArray();
            foreach (var deployment in own) known.Add(await states.LookAsync(deployment, cancel));
            statuses.Add(Status(sold, own, known));
        }

        return statuses;
    }

    private ModelStatus Status(SoldModel sold, Deployment[] own, List<DeploymentState> known)
    {
        var now = clock.GetUtcNow();
        var open = known.Count(state => !IsClosed(state, now));
        var freeAt = known.Select((state, at) => state.FreeAt(own[at], now)).DefaultIfEmpty(now).Min();
        var standing = (open, known.Count) switch
        {
            (_, 0) => ModelStanding.NotServed,
            (0, _) => ModelStanding.Closed,
            _ when open < known.Count => ModelStanding.Reduced,
            _ => ModelStanding.Drawing,
        };
        return new(sold.Model.Id, standing, freeAt > now ? freeAt - now : TimeSpan.Zero, sold.Model.ExpectedTime.ToDictionary(pair => pair.Key, pair => pair.Value));
    }

    private static bool IsClosed(DeploymentState state, DateTimeOffset now) => state.IsHalfOpen || (state.Closing != DeploymentClosing.None && state.ClosedUntil > now);
}

/// <param name="Wait">Until a deployment takes the next call: of its pace, or because all are closed.</param>
/// <param name="ExpectedTime">Of one image, by quality.</param>
public sealed record ModelStatus(string Model, ModelStanding Standing, TimeSpan Wait, IReadOnlyDictionary<Images.ImageQuality, TimeSpan> ExpectedTime);

public enum ModelStanding
{
    /// <summary>All of its deployments take calls.</summary>
    Drawing,

    /// <summary>Some of them do.</summary>
    Reduced,

    /// <summary>None does at this moment.</summary>
    Closed,

    /// <summary>It is sold, and the operator has no deployment for it.</summary>
    NotServed,
}
