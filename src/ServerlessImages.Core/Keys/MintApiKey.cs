namespace ServerlessImages.Keys;

/// <summary>Makes a key for an account. Its text exists only in the answer: the store keeps a hash.</summary>
public sealed class MintApiKey(ApiKeyDirectory keys, KeyEvents events, Peppers peppers, IEntropy entropy, TimeProvider clock)
{
    public async Task<ApiKeyText> RunAsync(string accountId, IReadOnlyList<string> scopes, CancellationToken cancel)
    {
        if (scopes.Except(Scope.All).Any()) throw new ArgumentException("There is no such scope.", nameof(scopes));

        var text = ApiKeyText.Mint(entropy, livemode: true);
        var key = new ApiKey(text.KeyId, accountId, text.Livemode, peppers.Hash(text, peppers.Current)!, peppers.Current, scopes, clock.GetUtcNow(), null, Revoked: false);
        await keys.AddAsync(key, cancel);

        // Before anyone has its text: a key of which nobody was told is one that nobody can use.
        await events.CreatedAsync(key);
        return text;
    }
}
