using System.Runtime.CompilerServices;
using ServerlessImages.Ledger;
using ServerlessImages.Storage;
using ServerlessImages.Usage;

namespace ServerlessImages.Revenue;

/// <summary>By what revenue is told apart.</summary>
public enum RevenueGroup
{
    Day,
    Model,
    Account,
}

/// <param name="From">The first day, in UTC.</param>
/// <param name="To">The first day that is not meant any more.</param>
/// <param name="AccountId">Of one account only, or null for all.</param>
public sealed record RevenueQuery(DateOnly From, DateOnly To, RevenueGroup Group, string? AccountId);

/// <param name="Lines">Days in their order; models and accounts by what they brought, most first.</param>
/// <param name="IsComplete">Whether everything that was charged when it was asked for is in it; if not, ask again.</param>
public sealed record RevenueReport(RevenueQuery Query, IReadOnlyList<(string Group, RevenueSums Sums)> Lines, RevenueSums Total, bool IsComplete);

/// <summary>What was charged, what it cost, and what is left, from rollups.</summary>
public sealed class ReadRevenue(ITableStore store, AddUpRevenue addUp, UsageRollups rollups, TimeProvider clock)
{
    private const int RowsPerPage = 1_000;

    /// <summary>100 reads of the store, some seconds.</summary>
    private const int RowsMax = 100_000;

    /// <summary>How long a reader waits for what is not added up yet.</summary>
    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(5);

    /// <returns>Or <c>usage_too_large</c>.</returns>
    /// <exception cref="StoreUnavailableException">The store could not be asked.</exception>
    public async Task<Result<RevenueReport>> RunAsync(RevenueQuery query, CancellationToken cancel) => await ReadAsync(query, await AddUpAsync(query, cancel), cancel);

    /// <summary>The same days told apart in each way, added up once.</summary>
    /// <returns>By the group; or <c>usage_too_large</c>.</returns>
    /// <exception cref="StoreUnavailableException">The store could not be asked.</exception>
    public async Task<Result<IReadOnlyDictionary<RevenueGroup, RevenueReport>>> RunAllAsync(RevenueQuery query, CancellationToken cancel)
    {
        var isComplete = await AddUpAsync(query, cancel);
        var reports = new Dictionary<RevenueGroup, RevenueReport>();
        foreach (var group in Enum.GetValues<RevenueGroup>())
        {
            if (!(await ReadAsync(query with { Group = group }, isComplete, cancel)).TryGet(out var report, out var error)) return error;
            reports.Add(group, report);
        }

        return reports;
    }

    private Task<bool> AddUpAsync(RevenueQuery query, CancellationToken cancel) =>
        query.AccountId is { } id ? addUp.RunAsync(new LedgerPartition(id, Livemode: true), cancel) : addUp.RunAsync(clock.GetUtcNow() + WaitMax, cancel);

    private async Task<Result<RevenueReport>> ReadAsync(RevenueQuery query, bool isComplete, CancellationToken cancel)
    {
        var lines = new Dictionary<string, RevenueSums>(StringComparer.Ordinal);
        var rows = 0;
        await foreach (var (group, sums) in RowsAsync(query, cancel))
        {
            if (++rows > RowsMax) return ApiError.UsageTooLarge($"{RowsMax} combinations of day, account and model");
            lines[group] = lines.GetValueOrDefault(group, RevenueSums.None) + sums;
        }

        var ordered = query.Group == RevenueGroup.Day ? lines.OrderBy(line => line.Key, StringComparer.Ordinal) : lines.OrderByDescending(line => line.Value.Charged).ThenBy(line => line.Key, StringComparer.Ordinal);
        return new RevenueReport(query, [.. ordered.Select(line => (line.Key, line.Value))], lines.Values.Aggregate(RevenueSums.None, (sum, next) => sum + next), isComplete);
    }

    /// <summary>An account's rows of some days, by account: what a price is tried on.</summary>
    /// <exception cref="StoreUnavailableException">The store could not be asked.</exception>
    public async IAsyncEnumerable<(string AccountId, RevenueKey Key, RevenueSums Sums)> ByAccountAsync(DateOnly from, DateOnly to, [EnumeratorCancellation] CancellationToken cancel)
    {
        await foreach (var row in PagesAsync(AddUpRevenue.CopiesOf(from), AddUpRevenue.CopiesOf(to), cancel))
        {
            if (row.Key.Split('|') is [_, var day, var account, var model]) yield return (account, RevenueKey.Parse($"{day}|{model}"), RevenueSums.From(row.Columns));
        }
    }

    private async IAsyncEnumerable<(string Group, RevenueSums Sums)> RowsAsync(RevenueQuery query, [EnumeratorCancellation] CancellationToken cancel)
    {
        if (query.AccountId is { } id)
        {
            await foreach (var (key, sums) in OfAccountAsync(id, query, cancel)) yield return (query.Group == RevenueGroup.Account ? id : GroupOf(query, key), sums);
        }
        else if (query.Group == RevenueGroup.Account)
        {
            await foreach (var (account, _, sums) in ByAccountAsync(query.From, query.To, cancel)) yield return (account, sums);
        }
        else
        {
            await foreach (var row in PagesAsync(AddUpRevenue.SumsOf(query.From), AddUpRevenue.SumsOf(query.To), cancel)) yield return (GroupOf(query, RevenueKey.Parse(row.Key[2..])), RevenueSums.From(row.Columns));
        }
    }

    private static string GroupOf(RevenueQuery query, RevenueKey key) => query.Group == RevenueGroup.Model ? key.Model : key.Day.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);

    private async IAsyncEnumerable<(RevenueKey Key, RevenueSums Sums)> OfAccountAsync(string id, RevenueQuery query, [EnumeratorCancellation] CancellationToken cancel)
    {
        foreach (var row in await rollups.RevenueAsync(new LedgerPartition(id, Livemode: true), query.From, query.To, RowsMax, cancel)) yield return row;
    }

    private async IAsyncEnumerable<Row> PagesAsync(string from, string to, [EnumeratorCancellation] CancellationToken cancel)
    {
        IReadOnlyList<Row> page;
        do
        {
            page = await store.RangeAsync(TableNames.Usage, AddUpRevenue.Partition, from, to, RowsPerPage, cancel);
            foreach (var row in page) yield return row;
            if (page.Count > 0) from = page[^1].Key + "!";
        }
        while (page.Count == RowsPerPage);
    }
}
