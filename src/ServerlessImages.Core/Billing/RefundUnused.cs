using System.Globalization;
using ServerlessImages.Ledger;
using ServerlessImages.Storage;

namespace ServerlessImages.Billing;

/// <summary>
/// Pays back what an account has paid and not used: of its payments, the newest first, at most what is left of each. What was given to it, or expires, is not
/// paid back; nor is less than a cent. The account has to be stopped for good before, with no hold open: then nothing but this moves its money.
/// </summary>
/// <remarks>
/// A plan is written before its first refund, and only ever grows: <c>{account}</c> in the partition <c>payback</c> of the table <c>billing</c>, column
/// <c>Plan</c>, each payment with what it shall have given back in all. Whoever goes on after a crash looks what the collector has given back by then, and
/// sends what is missing, under a key that names what it saw: whoever saw the same asks for the same refund, and whoever comes after it sees it.
/// </remarks>
public sealed class RefundUnused(AccountLedger ledger, TakeBackPayment takeBack, IPaymentCollector collector, ITableStore store)
{
    private const string Partition = "payback";
    private const string Plan = nameof(Plan);
    private const int GrantsPerPage = 500;
    private const string GrantsStart = "G|";
    private const string GrantsEnd = "G}";
    private static readonly Money Cent = Payment.OfCents(1);

    /// <returns>What was paid back, by this call or before.</returns>
    /// <exception cref="CollectorUnavailableException">Some of it may be paid back; call again.</exception>
    /// <exception cref="LedgerUnavailableException">As above.</exception>
    /// <exception cref="WriteFateUnknownException">As above.</exception>
    public async Task<Money> RunAsync(string accountId, CancellationToken cancel)
    {
        var planned = await PlannedAsync(accountId, cancel);
        await PayBackAsync(accountId, planned.Shares, cancel);

        // A payment that came in at the last moment, or nothing was planned yet.
        if (await MakeAsync(new LedgerPartition(accountId, Livemode: true), cancel) is { Count: > 0 } more)
        {
            Share[] all = [.. planned.Shares, .. more];
            var columns = new Columns { { Plan, Share.ToText(all) } };
            var write = planned.ETag is null ? RowWrite.Insert(accountId, columns) : RowWrite.Replace(accountId, columns, planned.ETag);
            await store.CommitAsync(TableNames.Billing, Partition, [write], cancel);

            // Another instance's, if that was first.
            planned = await PlannedAsync(accountId, cancel);
            await PayBackAsync(accountId, planned.Shares, cancel);
        }

        return new(planned.Shares.Sum(share => (share.Target - share.Before).Micros));
    }

    /// <summary>What would be paid back if the account were closed now, and nothing that it asked for were still being drawn.</summary>
    /// <exception cref="CollectorUnavailableException">It cannot be said now.</exception>
    public async Task<Money> ExpectedAsync(string accountId, CancellationToken cancel)
    {
        var partition = new LedgerPartition(accountId, Livemode: true);
        return new((await MakeAsync(partition, await ledger.BalanceAsync(partition, cancel), cancel)).Sum(share => (share.Target - share.Before).Micros));
    }

    private async Task PayBackAsync(string accountId, IReadOnlyList<Share> shares, CancellationToken cancel)
    {
        foreach (var share in shares)
        {
            var returned = Sum(await collector.ReturnsAsync(share.PaymentId, cancel));
            if (returned < share.Target) await collector.RefundAsync(share.PaymentId, share.Target - returned, KeyOf(accountId, share, returned), cancel);

            // The ledger hears of it here, and not only by the announcement: the account is not done before it has.
            await takeBack.RunAsync(share.PaymentId, cancel);
        }
    }

    private async Task<(IReadOnlyList<Share> Shares, string? ETag)> PlannedAsync(string accountId, CancellationToken cancel) =>
        await store.FindAsync(TableNames.Billing, Partition, accountId, cancel) is { } row ? (Share.Parse(row.Columns.Text(Plan)), row.ETag) : ([], null);

    private async Task<List<Share>> MakeAsync(LedgerPartition partition, CancellationToken cancel)
    {
        var balance = await ledger.BalanceAsync(partition, cancel);
        return balance.HoldsAny || !balance.Stops.HasFlag(StopReasons.AccountClosed) ? throw new InvalidOperationException($"{partition} can still spend.") : await MakeAsync(partition, balance, cancel);
    }

    private async Task<List<Share>> MakeAsync(LedgerPartition partition, Balance balance, CancellationToken cancel)
    {
        var left = Money.Max(balance.Available - new Money(balance.Expiring.Grants.Sum(grant => grant.Left.Micros)), Money.Zero);
        var plan = new List<Share>();
        foreach (var grant in (await EntriesAsync(partition, GrantsStart, GrantsEnd, cancel)).OrderByDescending(entry => entry.Sequence))
        {
            if (left < Cent) break;

            // Only what the collector took is given back through it: what an operator granted is none of its payments.
            if (grant.ExpiresAt is not null || await collector.FindPaymentAsync(grant.Id, cancel) is not { IsPaid: true } payment || payment.AccountId != partition.Account) continue;
            var before = Sum(await collector.ReturnsAsync(grant.Id, cancel));
            var amount = WholeCents(Money.Min(left, grant.Amount - before));
            if (amount < Cent) continue;
            plan.Add(new Share(grant.Id, before, before + amount));
            left -= amount;
        }

        return plan;
    }

    private async Task<List<LedgerEntry>> EntriesAsync(LedgerPartition partition, string from, string to, CancellationToken cancel)
    {
        var entries = new List<LedgerEntry>();
        IReadOnlyList<Row> page;
        do
        {
            page = await store.RangeAsync(TableNames.Ledger, partition.Key, from, to, GrantsPerPage, cancel);
            entries.AddRange(page.Select(LedgerEntry.From));
            if (page.Count > 0) from = page[^1].Key + "!";
        }
        while (page.Count == GrantsPerPage);
        return entries;
    }

    /// <summary>What a payment has given back, whoever asked for it; what came back to us after all does not count.</summary>
    private static Money Sum(IReadOnlyList<PaymentReturn> returns) => new(returns.Where(each => !each.Failed).Sum(each => each.Amount.Micros));

    private static string KeyOf(string accountId, Share share, Money returned) => string.Create(CultureInfo.InvariantCulture, $"payback-{accountId}-{share.PaymentId}-{returned.Micros}");

    private static Money WholeCents(Money amount) => new(amount.Micros / Cent.Micros * Cent.Micros);

    /// <param name="Before">What the payment had given back when the plan was made.</param>
    /// <param name="Target">What it shall have given back.</param>
    private sealed record Share(string PaymentId, Money Before, Money Target)
    {
        public static string ToText(IEnumerable<Share> shares) => string.Join(' ', shares.Select(share => string.Create(CultureInfo.InvariantCulture, $"{share.PaymentId}:{share.Before.Micros}:{share.Target.Micros}")));

        public static Share[] Parse(string text) => [.. text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(each => each.Split(':')).Select(each => new Share(each[0], Number(each[1]), Number(each[2])))];

        private static Money Number(string text) => new(long.Parse(text, CultureInfo.InvariantCulture));
    }
}
