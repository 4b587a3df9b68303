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

    /// <param name="columns">Without those that the chain leaves out.</param>
    public LedgerFold Add(string key, Columns columns)
    {
        var amount = new Money(columns.Integer(nameof(LedgerEntry.Amount)));
        var after = this with { Sequence = Sequence + 1, Head = EntryChain.Next(Head, key, columns) };
        return columns.Text(nameof(LedgerEntry.Type)) switch
        {
            nameof(EntryType.Grant) => after with { Granted = Granted + amount },
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

        static Difference Of(string code, object expected, object found) => new(code, LedgerRows.Balance, expected.ToString()!, found.ToString()!);
    }
}
