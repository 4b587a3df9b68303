using ServerlessImages.Api.Portal.Requests;
using ServerlessImages.Images;
using ServerlessImages.Keys;
using ServerlessImages.Ledger;
using ServerlessImages.Members;
using ServerlessImages.Revenue;
using ServerlessImages.Usage;

namespace ServerlessImages.Api.Portal.Overview;

/// <summary>Puts the first page of the portal together: at most four pages of rows, whatever the account did.</summary>
internal sealed class ReadOverview(AccountLedger ledger, ReadDays days, SearchRequests search, ShowRequests show, KeyNames names, KeyList keys, ApiKeyDirectory directory, TimeProvider clock)
{
    public const int ChartDays = 30;
    private const int LatestMax = 5;
    private const int KeysMax = 5;

    public async Task<OverviewView> RunAsync(PortalMember member, CancellationToken cancel)
    {
        var partition = member.Partition(PortalMode.Live);
        var balance = await ledger.BalanceAsync(partition, cancel);
        var state = await days.AdvanceAsync(partition, cancel);
        var today = DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);
        var month = new DateOnly(today.Year, today.Month, 1);
        var (first, isNew) = (today.AddDays(1 - ChartDays), balance.Settled + balance.Owed == Money.Zero);
        var rows = await days.ByModelAsync(partition, first < month ? first : month, today.AddDays(1), cancel);
        var ofToday = rows.Where(row => row.Key.Day == today).Aggregate(RevenueSums.None, (sum, row) => sum + row.Sums);
        return new OverviewView(
            balance,
            ofToday.Charged,
            rows.Where(row => row.Key.Day >= month).Aggregate(Money.Zero, (sum, row) => sum + row.Sums.Charged),
            ofToday.Requests + ofToday.Uncharged,
            ofToday.Uncharged,
            DayChart.Of(first, today, [.. rows.Where(row => row.Key.Day >= first && row.Sums.Requests > 0).Select(row => (row.Key.Day, row.Key.Model, row.Sums.Charged))], model => model),
            isNew ? [] : await TopKeysAsync(partition, month, today, cancel),
            member.May(PortalAction.SeeRequests) ? await show.RowsAsync(partition, await search.LatestAsync(partition, LatestMax, cancel), cancel) : null,
            isNew ? new FirstSteps(balance.Granted > Money.Zero || balance.Limit > Money.Zero, (await keys.PageAsync(partition, revoked: false, after: null, limit: 1, cancel)).Keys.Count > 0) : null,
            state.AsOf);
    }

    private async Task<IReadOnlyList<TopKey>> TopKeysAsync(LedgerPartition partition, DateOnly month, DateOnly today, CancellationToken cancel)
    {
        if (!(await days.RunAsync(partition, month, today.AddDays(1), UsageDimension.Key, cancel)).TryGet(out var report, out _)) return [];
        var top = report.Lines.GroupBy(line => line.Values[0], line => line.Sums, StringComparer.Ordinal).Where(group => group.Key != ReadDays.Others)
            .Select(group => (Id: group.Key, Sums: group.Aggregate((sum, next) => sum + next))).OrderByDescending(each => each.Sums.Amount).ThenBy(each => each.Id, StringComparer.Ordinal).Take(KeysMax).ToArray();
        var shown = await names.OfAsync(partition, top.Select(each => each.Id), cancel);
        return await Task.WhenAll(top.Select(async each =>
        {
            var budget = await BudgetAsync(partition, each.Id, cancel);
            return new TopKey(each.Id, shown[each.Id], each.Sums.Requests, each.Sums.Amount, budget?.Limits.Month, budget?.Month.Used ?? Money.Zero);
        }));
    }

    /// <summary>A key that took another's place has that one's.</summary>
    private async Task<Budget?> BudgetAsync(LedgerPartition partition, string keyId, CancellationToken cancel) =>
        ApiKeyText.IsKeyId(keyId) && await directory.FindAsync(keyId, cancel) is { } key && key.Partition == partition ? await ledger.FindBudgetAsync(partition, LedgerRows.KeyBudget(key.BudgetId), cancel) : null;
}
