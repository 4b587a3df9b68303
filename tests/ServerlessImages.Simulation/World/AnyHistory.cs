using ServerlessImages.Simulation.Outbox;

namespace ServerlessImages.Simulation.World;

/// <summary>Which kind of history a seed is: of ten, one runs over days and is about what is owed, the others over minutes.</summary>
internal static class AnyHistory
{
    private const int OutboxEvery = 10;

    public static HistoryOutcome Run(ulong seed, Trace? trace = null) => seed % OutboxEvery == 0 ? OutboxHistory.Run(seed, trace) : History.Run(seed, trace);
}
