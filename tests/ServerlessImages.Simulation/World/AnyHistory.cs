using ServerlessImages.Simulation.Outbox;
using ServerlessImages.Simulation.TopUps;

namespace ServerlessImages.Simulation.World;

/// <summary>Which kind of history a seed is. Of requests: of ten, one runs over days and is about what is owed, the others over minutes; two of these have jobs. Histories of payments are apart: a seed there is another one.</summary>
internal static class AnyHistory
{
    private const int OutboxEvery = 10;
    private const int JobsAt = 3;
    private const int JobsToo = 7;

    public static HistoryOutcome Run(ulong seed, bool isOfPayments, Trace? trace = null) =>
        isOfPayments ? TopUpsHistory.Run(seed, trace) : seed % OutboxEvery == 0 ? OutboxHistory.Run(seed, trace) : History.Run(seed, seed % OutboxEvery is JobsAt or JobsToo, trace);
}
