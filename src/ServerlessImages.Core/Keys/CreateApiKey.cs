using ServerlessImages.Ledger;

namespace ServerlessImages.Keys;

/// <summary>Makes a key for whoever may manage an account's keys, with its budget; the first test key of an account brings play money.</summary>
public sealed class CreateApiKey(MintApiKey mint, KeyList list, AccountLedger ledger)
{
    /// <summary>What a test partition starts with.</summary>
    public static Money PlayMoney { get; } = Money.Dollars(1_000);

    private readonly KeyEvents events = new(ledger);

    private const string PlayMoneyGrant = "play_money";

    /// <returns>Or <c>too_many_keys</c>.</returns>
    /// <exception cref="Storage.WriteFateUnknownException">The key may or may not exist; its text was told to nobody.</exception>
    /// <exception cref="LedgerUnavailableException">There is no key.</exception>
    public async Task<Result<MintedKey>> RunAsync(LedgerPartition partition, KeyTerms terms, BudgetLimits limits, CancellationToken cancel)
    {
        if (await list.IsFullAsync(partition, cancel)) return ApiError.TooManyKeys(KeyList.KeysMax);
        if (!partition.Livemode) await ledger.GrantAsync(partition, PlayMoneyGrant, PlayMoney);

        // What bounds it is there before it is: not for a moment is it good for more.
        var minted = mint.Make(partition, terms);
        if (limits != new BudgetLimits()) await ledger.SetBudgetAsync(partition, LedgerRows.KeyBudget(minted.Key.BudgetId), limits);
        await mint.AddAsync(minted.Key, cancel);

        // Before anyone has its text: a key of which nobody was told is one that nobody can use.
        await events.CreatedAsync(minted.Key);
        return minted;
    }
}
