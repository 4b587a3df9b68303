using ServerlessImages.Simulation.World;

namespace ServerlessImages.Simulation.Running;

/// <summary>Many histories, as many at a time as there are processors; each is alone on its thread.</summary>
internal sealed class SimulationRun(ulong firstSeed, int histories, bool isOfPayments = false)
{
    /// <summary>Enough to see whether one mistake shows in many ways.</summary>
    private const int ViolationsKept = 20;

    private readonly Lock gate = new();
    private readonly SortedDictionary<ulong, Violation> violated = [];
    private int taken;
    private int done;

    public HistoryCounts Counts { get; } = new();

    public long Events { get; private set; }

    public int Violations { get; private set; }

    /// <summary>Some of them, by seed.</summary>
    public IReadOnlyDictionary<ulong, Violation> Violated => violated;

    /// <param name="stopAtFirst">Ends as soon as the lowest seed with a violation is known.</param>
    /// <param name="progress">Told how many are done, now and then.</param>
    public void Run(bool stopAtFirst = false, Action<int>? progress = null, int? threads = null)
    {
        var workers = Enumerable.Range(0, threads ?? Environment.ProcessorCount).Select(_ => new Thread(() => Work(stopAtFirst, progress))).ToArray();
        foreach (var worker in workers) worker.Start();
        foreach (var worker in workers) worker.Join();
    }

    private void Work(bool stopAtFirst, Action<int>? progress)
    {
        while (true)
        {
            var number = Interlocked.Increment(ref taken) - 1;
            if (number >= histories || (stopAtFirst && Violations > 0)) return;
            Add(AnyHistory.Run(firstSeed + (ulong)number, isOfPayments), progress);
        }
    }

    private void Add(HistoryOutcome outcome, Action<int>? progress)
    {
        lock (gate)
        {
            Events += outcome.Events;
            Counts.Add(outcome.Counts);
            if (outcome.Violation is { } violation)
            {
                Violations++;
                if (violated.Count < ViolationsKept) violated[outcome.Seed] = violation;
            }

            if (++done % 1_000 == 0) progress?.Invoke(done);
        }
    }
}
