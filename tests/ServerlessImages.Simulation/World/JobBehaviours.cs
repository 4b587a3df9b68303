namespace ServerlessImages.Simulation.World;

/// <summary>What callers do with requests that are answered later.</summary>
internal static class JobBehaviours
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    public static IReadOnlyList<CallerBehaviour> All { get; } =
    [
        new("sends a job and reads it until it has ended", 3, SendsAsync),
        new("sends the same job under a key to several instances", 3, SendsUnderAKeyAsync),
        new("sends several jobs and cancels some", 3, CancelsAsync),
        .. CallerBehaviours.All.Select(each => each with { Weight = 1 }),
    ];

    private static readonly IReadOnlyList<CallerBehaviour> Weighted = [.. All.SelectMany(each => Enumerable.Repeat(each, each.Weight))];

    public static CallerBehaviour Draw(Scheduling.SeededRandom random) => random.Pick(Weighted);

    private static async Task SendsAsync(SimulatedCaller caller)
    {
        if (await caller.SendJobAsync(caller.NewRequest()) is { } id) await caller.ReadUntilEndedAsync(id);
    }

    private static async Task SendsUnderAKeyAsync(SimulatedCaller caller)
    {
        var request = caller.NewRequest(caller.NewKey());
        await Task.WhenAll(Enumerable.Range(0, caller.Random.Between(2, 4)).Select(async _ =>
        {
            await caller.WaitAsync(caller.Random.UpTo(40 * Second));
            await caller.SendJobAsync(request);
        }));
    }

    private static Task CancelsAsync(SimulatedCaller caller) => Task.WhenAll(Enumerable.Range(0, caller.Random.Between(2, 5)).Select(async _ =>
    {
        if (await caller.SendJobAsync(caller.NewRequest()) is not { } id || caller.Random.Chance(0.4)) return;
        await caller.WaitAsync(caller.Random.UpTo(30 * Second));
        await caller.CancelAsync(id);
    }));
}
