using ServerlessImages.Ledger;
using ServerlessImages.Storage;

namespace ServerlessImages.Books;

/// <summary>
/// What the entries alone say, added up one by one in their order: the balance without the balance row. Pure; the same for the nightly books and for a
/// restore from their export.
/// </summary>
public sealed record LedgerFold(Money Granted, Money Refunded, Money Settled, Money Owed, Money Paid, long Sequence, string Head)
{
    public static LedgerFold Empty { get; } = new(Money.Zero, Money.Zero, Money.Zero, Money.Zero, Money.Zero, 0, EntryChain.Start);

    /// <summary>What expired of grants.</summary>
    public Money Expired { get; init; }

    /// <summary>What is left of those grants that expire, with what open holds have set aside of it: entries know nothing of holds.</summary>
    public ExpiringCredit Expiring { get; init; } = ExpiringCredit.None;

    /// <param name="columns">Without those that the chain leaves out.</param>
    public LedgerFold Add(string key, Columns columns)
    {
        var amount = new Money(columns.Integer(nameof(LedgerEntry.Amount)));
        var after = this with { Sequence = Sequence + 1, Head = EntryChain.Next(Head, key, columns), Expiring = ExpiringAfter(key, columns, amount) };
        return columns.Text(nameof(LedgerEntry.Type)) switch
        {
            nameof(EntryType.Grant) => after with { Granted = Granted + amount },
            nameof(EntryType.ExpireGrant) => after with { Expired = Expired + amount },
            nameof(EntryType.Refund) or nameof(EntryType.Dispute) => after with { Refunded = Refunded + amount },
            nameof(EntryType.Reversal) => after with { Refunded = Refunded - amount },
            nameof(EntryType.Payment) => after with { Paid = Paid + amount },
            nameof(EntryType.Settle) or nameof(EntryType.Late) when columns.Text(nameof(Rail)) == nameof(Rail.Postpaid) => after with { Owed = Owed + amount },
            nameof(EntryType.Settle) or nameof(EntryType.Late) => after with { Settled = Settled + amount },
            _ => after,
        };
    }

    /// <summary>Where the balance row says something else.</summary>
    public IEnumerable<Difference> Against(Balance balance)
    {
        if (Sequence != balance.Sequence) yield return Of("balance_sequence", Sequence, balance.Sequence);
        if (Head != balance.Head) yield return Of("balance_head", Head, balance.Head);
        if (Granted != balance.Granted) yield return Of("balance_granted", Granted, balance.Granted);
        if (Refunded != balance.Refunded) yield return Of("balance_refunded", Refunded, balance.Refunded);
        if (Settled != balance.Settled) yield return Of("balance_settled", Settled, balance.Settled);
        if (Owed != balance.Owed) yield return Of("balance_owed", Owed, balance.Owed);
        if (Paid != balance.Paid) yield return Of("balance_paid", Paid, balance.Paid);
        if (Expired != balance.Expired) yield return Of("balance_expired", Expired, balance.Expired);
        if (Words(Expiring) is var expiring && expiring != Words(balance.Expiring)) yield return Of("balance_expiring", expiring, Words(balance.Expiring));

        static string Words(ExpiringCredit credit) => string.Join(' ', credit.Grants.Select(grant => $"{grant.GrantId}:{grant.Left + grant.Held}"));
        static Difference Of(string code, object expected, object found) => new(code, LedgerRows.Balance, expected.ToString()!, found.ToString()!);
    }

    private ExpiringCredit ExpiringAfter(string key, Columns columns, Money amount)
    {
        var credit = columns.Text(nameof(LedgerEntry.Type)) switch
        {
            nameof(EntryType.ExpireGrant) => Expiring.Remove(LedgerRows.IdOf(key)),
            nameof(EntryType.Grant) when columns.Integer(nameof(LedgerEntry.ExpiresAt)) is > 0 and var at => Expiring.Add(new(LedgerRows.IdOf(key), DateTimeOffset.FromUnixTimeMilliseconds(at), amount, Money.Zero)),
            _ => Expiring,
        };
        return credit.Less(GrantShare.Parse(columns.Text(nameof(LedgerEntry.FromExpiring))));
    }
}
