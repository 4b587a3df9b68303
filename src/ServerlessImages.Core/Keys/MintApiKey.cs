using ServerlessImages.Ledger;

namespace ServerlessImages.Keys;

/// <summary>Makes a key for an account. Its text exists only in the answer: the store keeps a hash.</summary>
public sealed class MintApiKey(ApiKeyDirectory keys, KeyList list, Peppers peppers, IEntropy entropy, TimeProvider clock)
{
    /// <summary>For an operator: a key for real money that may do what the scopes say, and is bounded by nothing else.</summary>
    public async Task<ApiKeyText> RunAsync(string accountId, IReadOnlyList<string> scopes, CancellationToken cancel)
    {
        var minted = Make(new LedgerPartition(accountId, Livemode: true), new KeyTerms(scopes));
        await AddAsync(minted.Key, cancel);
        return minted.Text;
    }

    /// <returns>A key that does not exist yet.</returns>
    public MintedKey Make(LedgerPartition partition, KeyTerms terms)
    {
        if (terms.Scopes.Except(Scope.All).Any()) throw new ArgumentException("There is no such scope.", nameof(terms));

        var text = ApiKeyText.Mint(entropy, partition.Livemode);
        var key = new ApiKey(text.KeyId, partition.Account, text.Livemode, peppers.Hash(text, peppers.Current)!, peppers.Current, terms.Scopes, clock.GetUtcNow(), terms.ExpiresAt, Revoked: false)
        {
            Name = terms.Name,
            Addresses = terms.Addresses,
            Models = terms.Models,
        };
        return new MintedKey(key, text);
    }

    /// <exception cref="Storage.WriteFateUnknownException">The key may or may not exist; mint another.</exception>
    public async Task AddAsync(ApiKey key, CancellationToken cancel)
    {
        await list.AddAsync(key, cancel);
        await keys.AddAsync(key, cancel);
    }
}
