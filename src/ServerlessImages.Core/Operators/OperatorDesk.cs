using System.Security.Cryptography;
using System.Text;
using ServerlessImages.Accounts;
using ServerlessImages.Keys;
using ServerlessImages.Ledger;

namespace ServerlessImages.Operators;

/// <summary>What an operator can do to accounts. Each act is in the <see cref="AuditLog"/> before it is done.</summary>
public sealed class OperatorDesk(AuditLog audit, AccountDirectory accounts, MintApiKey mint, AccountLedger ledger, IEntropy entropy, TimeProvider clock)
{
    /// <param name="idempotencyKey">The same key opens the same account; null opens another each time.</param>
    /// <returns>Or <c>idempotency_key_reused</c>.</returns>
    public async Task<Result<Account>> OpenAccountAsync(OperatorIdentity who, string name, string plan, string? idempotencyKey, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        var id = idempotencyKey is null ? entropy.NextId("acct_", now) : IdFor("acct_", idempotencyKey);
        var account = new Account(id, name, plan, now);
        var opened = await audit.RunAsync(new(who, "open_account", id, $"the account {name} on the plan {plan}", ""), _ => accounts.OpenAsync(account, CancellationToken.None), result => $"the plan {result.Plan}", cancel);
        return (opened.Name, opened.Plan) == (name, plan) ? opened : ApiError.IdempotencyKeyReused;
    }

    /// <summary>The key's text is in the answer and nowhere else.</summary>
    public Task<ApiKeyText> MintKeyAsync(OperatorIdentity who, Account account, IReadOnlyList<string> scopes, CancellationToken cancel) =>
        audit.RunAsync(new(who, "mint_key", account.Id, $"a key with {string.Join(' ', scopes)}", ""), _ => MintAsync(account, scopes), key => $"the key {key.KeyId}", cancel);

    /// <param name="idempotencyKey">The same key grants once; null grants each time.</param>
    /// <returns>Or <c>idempotency_key_reused</c>, <c>too_many_expiring_grants</c>.</returns>
    /// <exception cref="LedgerUnavailableException">It is not known whether it was granted: grant again with the same key.</exception>
    public async Task<Result<LedgerEntry>> GrantAsync(OperatorIdentity who, Account account, OperatorGrant grant, string? idempotencyKey, CancellationToken cancel)
    {
        var partition = new LedgerPartition(account.Id, Livemode: true);
        var act = new OperatorAct(who, "grant_credit", account.Id, grant.ToString(), grant.Reason);
        var granted = await audit.RunAsync(act, id => PostAsync(idempotencyKey is null ? id : IdFor("op_", idempotencyKey)), Outcome, cancel);
        if (!granted.TryGet(out var entry, out var error)) return error;
        return (entry.Amount, entry.ExpiresAt) == (grant.Amount, grant.ExpiresAt) ? entry : ApiError.IdempotencyKeyReused;

        async Task<Result<LedgerEntry>> PostAsync(string id) =>
            grant.ExpiresAt is { } at ? await ledger.GrantExpiringAsync(partition, id, grant.Amount, at) : await ledger.GrantAsync(partition, id, grant.Amount);

        static string Outcome(Result<LedgerEntry> result) => result.TryGet(out var entry, out var error) ? $"${entry.Amount} as entry {entry.Sequence}" : error.Code;
    }

    private async Task<ApiKeyText> MintAsync(Account account, IReadOnlyList<string> scopes)
    {
        var minted = mint.Make(new LedgerPartition(account.Id, Livemode: true), new KeyTerms(scopes));
        await mint.AddAsync(minted.Key, CancellationToken.None);
        await new KeyEvents(ledger).CreatedAsync(minted.Key);
        return minted.Text;
    }

    /// <summary>Any text becomes an id, and nobody who knows the id knows the text.</summary>
    private static string IdFor(string prefix, string idempotencyKey) => prefix + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(idempotencyKey)))[..32];
}

/// <summary>Credit that an operator gives.</summary>
/// <param name="ExpiresAt">When what is left of it expires; null for never.</param>
public sealed record OperatorGrant(Money Amount, string Reason, DateTimeOffset? ExpiresAt)
{
    /// <summary>For the log.</summary>
    public override string ToString() => ExpiresAt is { } at ? $"${Amount} until {at:yyyy-MM-dd HH:mm:ss} UTC" : $"${Amount}";
}
