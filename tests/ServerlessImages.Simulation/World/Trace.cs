using System.Globalization;
using ServerlessImages.Simulation.Invariants;
using ServerlessImages.Simulation.Scheduling;
using ServerlessImages.Simulation.Stores;

namespace ServerlessImages.Simulation.World;

/// <summary>The last lines of what happened in a history, with their virtual times.</summary>
internal sealed class Trace(int linesMax)
{
    private readonly Queue<string> lines = new();
    private Scheduler? scheduler;

    public IEnumerable<string> Lines => lines;

    public void Follow(Scheduler followed) => scheduler = followed;

    public void Add(string line)
    {
        lines.Enqueue(string.Create(CultureInfo.InvariantCulture, $"{scheduler!.Elapsed.TotalSeconds,12:0.000000} s  {line}"));
        if (lines.Count > linesMax) lines.Dequeue();
    }

    public void Add(Commit commit, StoredBalance balance)
    {
        var rows = commit.Changes.Where(change => change.Key != "B").Select(change => $"{(change.After is null ? "-" : change.Before is null ? "+" : "~")}{change.Key}{Amount(change)}");
        Add($"{commit.Partition}: {string.Join(' ', rows)}  available {balance.Available}, held {balance.Held} in {balance.Open}, settled {balance.Settled}");
    }

    private static string Amount(RowChange change) => change.Key[0] is 'L' or 'G' or 'R' or 'P' ? $" ({change.After?.Columns.Text("Type")} {change.After?.Columns.Integer("Amount")})" : "";
}
