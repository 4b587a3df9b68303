using System.Text.Json;
using ServerlessImages.Ledger;
using ServerlessImages.Storage;

namespace ServerlessImages.Simulation.Invariants;

/// <summary>What holds of requests that are answered later.</summary>
internal static class JobInvariants
{
    public static IReadOnlyList<CommitInvariant> OfCommits { get; } =
    [
        new("a job and its hold come and go together", JobsGoWithHolds),
        new("an order belongs to a job or is listed", OrdersAreKept),
        new("a job that has ended is told of with its entry", EndsAreTold),
        new("what was cancelled had no worker", CancelledWereWaiting),
        new("a job is begun three times at most", at => at.Books.Jobs.FirstOrDefault(job => job.Value.Integer("Attempt") > 3).Key),
    ];

    public static IReadOnlyList<RestInvariant> AtRest { get; } =
    [
        new("no job is left", at => at.Books.Jobs.Keys.FirstOrDefault()),
        new("no order is left", at => at.Books.Orders.FirstOrDefault() ?? at.History.OrderBlobs().FirstOrDefault()),
        new("a job that was accepted has ended", at => at.Account.Jobs.FirstOrDefault(id => !at.Books.Entries.ContainsKey(id))),
        new("what was told as cancelled is not charged", at => at.Account.Cancelled.FirstOrDefault(id => at.Books.Entries[id] is not { Type: "Void", Amount: 0 })),
    ];

    private static string? JobsGoWithHolds(CommitContext at)
    {
        var (held, accepted) = (Ids(at.New('H').Where(hold => hold.After!.Columns.Integer("IsJob") != 0)), Ids(at.New('J')));
        if (held != accepted) return $"Held are '{held}', accepted are '{accepted}'.";
        var (closed, ended) = (Ids(at.Deleted('H').Where(hold => hold.Before!.Columns.Integer("IsJob") != 0)), Ids(at.Deleted('J')));
        return closed == ended ? null : $"Closed are '{closed}', ended are '{ended}'.";
    }

    private static string? OrdersAreKept(CommitContext at)
    {
        foreach (var accepted in at.New('J'))
        {
            if (!at.Deleted('O').Any(order => LedgerRows.IdOf(order.Key) == accepted.After!.Columns.Text("Order"))) return $"The order of {accepted.Key} was not listed, or is still.";
        }

        return at.Deleted('J').FirstOrDefault(ended => !at.Books.Orders.Contains(ended.Before!.Columns.Text("Order"))) is { Key: { } lost } ? $"The order of {lost} is lost from sight." : null;
    }

    private static string? EndsAreTold(CommitContext at)
    {
        var told = string.Join(' ', at.New('E').SelectMany(row => Told(row.After!.Columns)).Order(StringComparer.Ordinal));
        var due = string.Join(' ', at.New('L').Where(entry => at.Books.KnownJobs.Contains(LedgerRows.IdOf(entry.Key))).Select(Due).Order(StringComparer.Ordinal));
        return told == due ? null : $"Told is '{told}', due is '{due}'.";
    }

    private static IEnumerable<string> Told(Columns row)
    {
        using var facts = JsonDocument.Parse(row.Text("Facts"));
        return [.. facts.RootElement.EnumerateArray().Where(SpendOracle.IsOfJob).Select(fact => $"{fact.GetProperty("Type").GetString()}:{fact.GetProperty("Data").GetProperty("request_id").GetString()}")];
    }

    private static string Due(Stores.RowChange entry)
    {
        var type = entry.After!.Columns.Text("Type") switch
        {
            "Settle" or "Late" => "job.succeeded",
            "Expire" => "job.expired",
            _ => entry.After.Columns.Text("ErrorCode") == "cancelled" ? "job.cancelled" : "job.failed",
        };
        return $"{type}:{LedgerRows.IdOf(entry.Key)}";
    }

    private static string? CancelledWereWaiting(CommitContext at)
    {
        foreach (var entry in at.New('L').Where(entry => entry.After!.Columns.Text("ErrorCode") == "cancelled"))
        {
            if (at.Deleted('J').Single(job => LedgerRows.IdOf(job.Key) == LedgerRows.IdOf(entry.Key)).Before!.Columns.Text("State") != "Queued") return $"{entry.Key} was running.";
        }

        return null;
    }

    private static string Ids(IEnumerable<Stores.RowChange> rows) => string.Join(' ', rows.Select(row => LedgerRows.IdOf(row.Key)).Order(StringComparer.Ordinal));
}
