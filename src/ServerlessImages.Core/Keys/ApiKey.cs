namespace ServerlessImages.Keys;

/// <summary>What is known of a key, without its secret.</summary>
/// <param name="Id">The public part, by which it is looked up.</param>
/// <param name="Hash">HMAC-SHA-256 of the whole key under a pepper, in hex.</param>
/// <param name="PepperVersion">Which pepper.</param>
/// <param name="ExpiresAt">Or null: never.</param>
public sealed record ApiKey(string Id, string AccountId, bool Livemode, string Hash, int PepperVersion, IReadOnlyList<string> Scopes, DateTimeOffset Created, DateTimeOffset? ExpiresAt, bool Revoked);

/// <summary>Who calls: known from the key alone, never from what a request says.</summary>
public sealed record Caller(ApiKey Key, Accounts.Account Account, Accounts.Plan Plan)
{
    public Ledger.LedgerPartition Partition => new(Account.Id, Key.Livemode);
}
