using ServerlessImages.Images;

namespace ServerlessImages.Simulation.World;

/// <summary>What callers do, by name. A new habit is a row here.</summary>
/// <param name="Weight">How often it is chosen, relative to the others.</param>
internal sealed record CallerBehaviour(string Name, int Weight, Func<SimulatedCaller, Task> RunAsync);

#pragma warning disable CA1859 // Every behaviour has the same form.
internal static class CallerBehaviours
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    public static IReadOnlyList<CallerBehaviour> All { get; } =
    [
        new("waits for its answer", 4, WaitsAsync),
        new("waits and has a key", 2, WaitsWithKeyAsync),
        new("is impatient and sends its key again", 6, IsImpatientWithKeyAsync),
        new("times out and sends again without a key, as an SDK does", 4, ResendsAsync),
        new("sends equal calls at once without a key, and wants them all", 2, WantsSeveralAsync),
        new("sends one key to several instances at once", 3, SendsKeyAtOnceAsync),
        new("uses a key for another request", 2, ReusesKeyAsync),
        new("has a quote and a highest price", 2, HasQuoteAsync),
        new("wants nothing kept", 1, WantsNothingKeptAsync),
        new("sends many at once", 2, SendsManyAsync),
    ];

    private static readonly IReadOnlyList<CallerBehaviour> Weighted = [.. All.SelectMany(each => Enumerable.Repeat(each, each.Weight))];

    public static CallerBehaviour Draw(Scheduling.SeededRandom random) => random.Pick(Weighted);

    private static async Task WaitsAsync(SimulatedCaller caller)
    {
        var reply = await caller.SendAsync(caller.NewRequest(), SimulatedCaller.Forever);
        if (reply.Error is { Code: "still_generating" } error) await caller.ReadUntilEndedAsync(error.Message[^36..]);
    }

    private static Task WaitsWithKeyAsync(SimulatedCaller caller) =>
        caller.SendUntilAnsweredAsync(caller.NewRequest(caller.NewKey()), triesMax: 8, () => SimulatedCaller.Forever);

    private static Task IsImpatientWithKeyAsync(SimulatedCaller caller) =>
        caller.SendUntilAnsweredAsync(caller.NewRequest(caller.NewKey()), triesMax: caller.Random.Between(1, 10), () => caller.Random.Between(2 * Second, 60 * Second));

    /// <summary>Its re-send goes where the first call went at once, and elsewhere once the hang-up is known there.</summary>
    private static async Task ResendsAsync(SimulatedCaller caller)
    {
        var request = caller.NewRequest(isResend: true);
        var instance = caller.AnyInstance();
        for (var tries = 0; tries < 4; tries++)
        {
            var reply = await caller.SendAsync(request, tries == 3 ? SimulatedCaller.Forever : caller.Random.Between(26 * Second, 90 * Second), instance);
            if (reply.Kind == ReplyKind.Answered) return;

            if (!instance.Process.IsAlive || caller.Random.Chance(0.5))
            {
                await caller.WaitAsync(caller.Random.Between(2 * Second, 5 * Second));
                instance = caller.AnyInstance();
            }
        }
    }

    private static Task WantsSeveralAsync(SimulatedCaller caller)
    {
        var request = caller.NewRequest();
        return Task.WhenAll(Enumerable.Range(0, caller.Random.Between(2, 3)).Select(_ => caller.SendAsync(request, SimulatedCaller.Forever)));
    }

    private static Task SendsKeyAtOnceAsync(SimulatedCaller caller)
    {
        var request = caller.NewRequest(caller.NewKey());
        return Task.WhenAll(Enumerable.Range(0, caller.Random.Between(2, 4)).Select(_ => caller.SendUntilAnsweredAsync(request, triesMax: 4, () => caller.Random.Between(10 * Second, 200 * Second))));
    }

    private static async Task ReusesKeyAsync(SimulatedCaller caller)
    {
        var key = caller.NewKey();
        var first = caller.SendUntilAnsweredAsync(caller.NewRequest(key), triesMax: 3, () => SimulatedCaller.Forever);
        await caller.WaitAsync(caller.Random.UpTo(40 * Second));
        await caller.SendUntilAnsweredAsync(caller.NewRequest(key), triesMax: 2, () => SimulatedCaller.Forever);
        await first;
    }

    private static async Task HasQuoteAsync(SimulatedCaller caller)
    {
        var request = caller.NewRequest(caller.NewKey());
        var quotes = caller.AnyInstance().Quotes;
        if (!(await quotes.PriceAsync(request.Caller, request.Order, CancellationToken.None)).TryGet(out var priced, out _)) return;

        // Sometimes a micro-dollar too low.
        var maximum = priced.Quote.Amount - new Money(caller.Random.Chance(0.2) ? 1 : 0);
        var quoted = request with { Order = request.Order with { QuoteId = quotes.Sign(request.Caller, priced).Id, MaxPrice = maximum } };
        await caller.SendUntilAnsweredAsync(quoted, triesMax: 4, () => caller.Random.Between(10 * Second, 200 * Second));
    }

    private static Task WantsNothingKeptAsync(SimulatedCaller caller) =>
        caller.SendAsync(caller.NewRequest(retention: Retention.Dropped), SimulatedCaller.Forever);

    private static Task SendsManyAsync(SimulatedCaller caller) =>
        Task.WhenAll(Enumerable.Range(0, caller.Random.Between(3, 6)).Select(_ => caller.SendAsync(caller.NewRequest(), SimulatedCaller.Forever)));
}
