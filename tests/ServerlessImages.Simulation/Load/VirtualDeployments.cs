using ServerlessImages.Deployments;
using ServerlessImages.Images;
using ServerlessImages.Simulation.Scheduling;

namespace ServerlessImages.Simulation.Load;

/// <summary>Image deployments in virtual time, as all instances see them: each lets in its quota in any 60 seconds, and answers 429 to what is more.</summary>
internal sealed class VirtualDeployments(Scheduler scheduler, IReadOnlyList<Deployment> all)
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private readonly Dictionary<string, Queue<TimeSpan>> began = all.ToDictionary(each => each.Name, _ => new Queue<TimeSpan>());

    /// <summary>When each call began that was let in.</summary>
    public List<TimeSpan> Began { get; } = [];

    /// <summary>What goes wrong with a deployment, from when on; nothing goes wrong with the others.</summary>
    public Dictionary<string, (TimeSpan From, AttemptEnd End)> Ills { get; } = [];

    /// <summary>How many calls went to a deployment that was ill.</summary>
    public int InVain { get; private set; }

    /// <summary>How many calls met a quota that was used up.</summary>
    public int Throttled { get; private set; }

    public IImageDeployments For(VirtualClock clock, SeededRandom random) => new Connection(this, clock, random);

    private Attempt? LetIn(Deployment deployment)
    {
        if (Ills.TryGetValue(deployment.Name, out var ill) && scheduler.Elapsed >= ill.From)
        {
            InVain++;
            return new(ApiError.NoDeploymentAvailable(null, "simulated"), ill.End);
        }

        var recent = began[deployment.Name];
        while (recent.TryPeek(out var oldest) && oldest <= scheduler.Elapsed - Minute) recent.Dequeue();
        if (recent.Count >= deployment.RequestsPerMinute)
        {
            Throttled++;
            return new(ApiError.NoDeploymentAvailable(null, "simulated"), AttemptEnd.Throttled, recent.Peek() + Minute - scheduler.Elapsed);
        }

        recent.Enqueue(scheduler.Elapsed);
        Began.Add(scheduler.Elapsed);
        return null;
    }

    private sealed class Connection(VirtualDeployments deployments, VirtualClock clock, SeededRandom random) : IImageDeployments
    {
        private static readonly TimeSpan OneWayMost = TimeSpan.FromMilliseconds(40);

        public IReadOnlyList<Deployment> All => deployments.All;

        public async Task<Attempt> TryAsync(Deployment deployment, ImageCall call, Func<PartialImage, ValueTask> onPartial, CancellationToken deadline)
        {
            await Task.Delay(random.UpTo(OneWayMost), clock, deadline);
            if (deployments.LetIn(deployment) is { } refused) return refused;
            await Task.Delay(random.Between(TimeSpan.FromSeconds(13), TimeSpan.FromSeconds(23)), clock, deadline);
            return new(new GeneratedImages { Images = [], Deployment = deployment.Name }, AttemptEnd.Answered);
        }
    }

    private IReadOnlyList<Deployment> All => all;
}
