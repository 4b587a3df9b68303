using ServerlessImages.Jobs;
using ServerlessImages.Ledger;
using ServerlessImages.Storage;

namespace ServerlessImages.Books;

/// <summary>Whether the balance and the budgets hold what the open holds say: read between two equal readings of the balance row, so that it is one moment.</summary>
public sealed class CheckHolds(ITableStore store)
{
    /// <summary>A partition that is busy all the time has no quiet moment; the next night has.</summary>
    private const int AttemptsMax = 5;

    public async Task<IReadOnlyList<Difference>> RunAsync(LedgerPartition partition, CancellationToken cancel)
    {
        for (var attempt = 0; attempt < AttemptsMax; attempt++)
        {
            if (await store.FindAsync(TableNames.Ledger, partition.Key, LedgerRows.Balance, cancel) is not { } before) return [];
            var holds = (await RowsAsync(partition, LedgerRows.HoldsStart, LedgerRows.HoldsEnd, cancel)).Select(Hold.From).ToArray();
            var jobs = (await RowsAsync(partition, LedgerRows.JobsStart, LedgerRows.JobsEnd, cancel)).Select(Job.From).ToArray();
            var budgets = (await RowsAsync(partition, "K|", "K}", cancel)).Concat(await RowsAsync(partition, "N|", "N}", cancel)).ToArray();
            var after = await store.FindAsync(TableNames.Ledger, partition.Key, LedgerRows.Balance, cancel);
            if (after?.ETag == before.ETag) return [.. Compare(Balance.From(before.Columns), holds, jobs), .. budgets.SelectMany(row => Compare(row, holds))];
        }

        return [];
    }

    private static IEnumerable<Difference> Compare(Balance balance, Hold[] holds, Job[] jobs)
    {
        var open = holds.Length - jobs.Count(job => job.State == JobState.Queued);
        if (balance.Open != open) yield return new("balance_open", LedgerRows.Balance, $"{open}", $"{balance.Open}");
        if (string.Join(' ', holds.Where(hold => hold.IsJob).Select(hold => hold.Id)) is var ofHolds && string.Join(' ', jobs.Select(job => job.Id)) is var ofJobs && ofHolds != ofJobs) yield return new("jobs_held", LedgerRows.JobsStart, ofHolds, ofJobs);
        if (Quotes(holds, Rail.Prepaid) is var held && held != balance.Held) yield return new("balance_held", LedgerRows.Balance, held.ToString(), balance.Held.ToString());
        if (Quotes(holds, Rail.Postpaid) is var owed && owed != balance.OwedHeld) yield return new("balance_owed_held", LedgerRows.Balance, owed.ToString(), balance.OwedHeld.ToString());
        foreach (var grant in balance.Expiring.Grants)
        {
            var shares = new Money(holds.SelectMany(hold => hold.Expiring).Where(share => share.GrantId == grant.GrantId).Sum(share => share.Amount.Micros));
            if (shares != grant.Held) yield return new("balance_expiring_held", LedgerRows.Balance, $"{grant.GrantId}:{shares}", $"{grant.GrantId}:{grant.Held}");
        }

        if (balance.Debt > balance.Refunded) yield return new("balance_negative", LedgerRows.Balance, balance.Refunded.ToString(), balance.Debt.ToString());
    }

    private static IEnumerable<Difference> Compare(Row row, Hold[] holds)
    {
        var held = new Money(holds.Where(hold => hold.Budgets.Contains(row.Key)).Sum(hold => hold.Quote.Micros));
        if (Budget.From(row).Total.Held is var found && found != held) yield return new("budget_held", row.Key, held.ToString(), found.ToString());
    }

    private static Money Quotes(Hold[] holds, Rail rail) => new(holds.Where(hold => hold.Rail == rail).Sum(hold => hold.Quote.Micros));

    private async Task<List<Row>> RowsAsync(LedgerPartition partition, string from, string to, CancellationToken cancel)
    {
        const int PageSize = 1_000;
        var rows = new List<Row>();
        while (true)
        {
            var page = await store.RangeAsync(TableNames.Ledger, partition.Key, rows.Count == 0 ? from : rows[^1].Key + "!", to, PageSize, cancel);
            rows.AddRange(page);
            if (page.Count < PageSize) return rows;
        }
    }
}
