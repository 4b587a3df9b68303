using System.Text.Json;
using ServerlessImages.Ledger;
using ServerlessImages.Simulation.Stores;
using ServerlessImages.Storage;

namespace ServerlessImages.Simulation.Invariants;

/// <summary>Which events an account's entries imply: told from the rows of each transaction in their order, with sums and marks of its own.</summary>
internal sealed class SpendOracle(AccountBooks books)
{
    private static readonly int[] Shares = [50, 80, 100];
    private static readonly Dictionary<string, string> LimitColumns = new() { ["total"] = "TotalLimit", ["day"] = "DayLimit", ["month"] = "MonthLimit" };
    private readonly Dictionary<string, Window> windows = [];
    private Window funds = new(0);
    private readonly Window credit = new(0);
    private long fundsLimit;
    private long unspent;
    private long owed;

    /// <summary>What the last transaction has to tell: each row with its events.</summary>
    public List<string> Due { get; } = [];

    public void Apply(Commit commit)
    {
        Due.Clear();
        foreach (var change in commit.Changes.Where(change => change is { Before: null, After: not null })) Apply(change.After!);
    }

    /// <summary>The row of an event in the same words.</summary>
    public static string Words(Columns row)
    {
        using var facts = JsonDocument.Parse(row.Text("Facts"));
        return string.Join(" and ", facts.RootElement.EnumerateArray().Where(fact => !IsOfJob(fact)).Select(fact => fact.GetProperty("Data")).Select(data =>
            $"{data.GetProperty("what").GetString()} {data.GetProperty("key_id").GetString()}{data.GetProperty("end_user").GetString()} {data.GetProperty("window").GetString()} {data.GetProperty("percent")}: {Micros(data, "spent_usd")} of {Micros(data, "limit_usd")}"));

        static long Micros(JsonElement data, string name) => (long)(decimal.Parse(data.GetProperty(name).GetString()!, System.Globalization.CultureInfo.InvariantCulture) * Money.MicrosPerDollar);
    }

    public static bool IsOfJob(JsonElement fact) => fact.GetProperty("Type").GetString()!.StartsWith("job.", StringComparison.Ordinal);

    private void Apply(Row row)
    {
        var amount = row.Columns.Integer("Amount");
        switch (row.Columns.Text("Type"))
        {
            case "" when row.Key[0] == 'H':
                foreach (var budget in books.Holds[LedgerRows.IdOf(row.Key)].Budgets) Begin(budget, row.Columns.Integer("Hour"));
                break;
            case "Grant":
                unspent += amount;
                (funds, fundsLimit) = (new(0), Math.Max(unspent, 0));
                break;
            case "Refund" or "Dispute" or "ExpireGrant":
                unspent -= amount;
                break;
            case "Reversal":
                unspent += amount;
                break;
            case "Payment":
                owed -= amount;
                credit.Announced.RemoveWhere(share => owed * 100 < books.Balance.Columns.Integer("Limit") * share);
                break;
            case "Settle" or "Late":
                Charge(row.Columns, books.Holds[LedgerRows.IdOf(row.Key)], amount);
                break;
        }
    }

    /// <summary>A hold begins the day and the month that it is in, unless a later one has begun.</summary>
    private void Begin(string budget, long hour)
    {
        foreach (var (name, id) in WindowsOf(hour))
        {
            if (WindowOf(budget, name).Id < id) windows[$"{budget} {name}"] = new(id);
        }
    }

    private void Charge(Columns entry, HoldFact hold, long amount)
    {
        var told = new List<string>();
        foreach (var budget in hold.Budgets)
        {
            var subject = budget[0] == 'K' ? $"key_budget {entry.Text("KeyId")}" : $"end_user_budget {entry.Text("EndUser")}";
            foreach (var (name, id) in WindowsOf(hold.Hour).Prepend(("total", 0L)))
            {
                var window = WindowOf(budget, name);
                if (window.Id != id) continue;
                window.Spent += amount;
                if (books.Budgets[budget].Integer(LimitColumns[name]) is >= 0 and var limit) Tell($"{subject} {name}", window, limit, limit - window.Spent);
            }
        }

        if (entry.Text("Rail") == "Postpaid")
        {
            owed += amount;
            var limit = books.Balance.Columns.Integer("Limit");
            credit.Spent = owed;
            Tell("credit_limit  ", credit, limit, limit - owed);
        }
        else
        {
            unspent -= amount;
            funds.Spent += amount;
            if (fundsLimit > 0) Tell("balance  ", funds, fundsLimit, unspent);
        }

        if (told.Count > 0) Due.Add(string.Join(" and ", told));

        void Tell(string what, Window window, long limit, long left)
        {
            var reached = Shares.Where(share => window.Spent * 100 >= limit * share || left < hold.Quote).ToArray();
            if (reached.Length > 0 && !window.Announced.Contains(reached[^1])) told.Add($"{what} {reached[^1]}: {window.Spent} of {limit}");
            window.Announced.UnionWith(reached);
        }
    }

    private Window WindowOf(string budget, string name) => windows.TryGetValue($"{budget} {name}", out var window) ? window : windows[$"{budget} {name}"] = new(0);

    private static IEnumerable<(string Name, long Id)> WindowsOf(long hour)
    {
        var at = DateTimeOffset.UnixEpoch.AddHours(hour);
        yield return ("day", hour / 24);
        yield return ("month", (at.Year * 12L) + at.Month - 1);
    }

    private sealed class Window(long id)
    {
        public long Id => id;

        public long Spent { get; set; }

        public HashSet<int> Announced { get; } = [];
    }
}
