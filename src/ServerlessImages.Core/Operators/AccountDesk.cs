using System.Security.Cryptography;
using System.Text;
using ServerlessImages.Accounts;
using ServerlessImages.Keys;
using ServerlessImages.Ledger;

namespace ServerlessImages.Operators;

/// <summary>What an operator changes about an account that is there. Each act has its reason and is in the <see cref="AuditLog"/> before it is done; calling again changes nothing.</summary>
public sealed class AccountDesk(AuditLog audit, AccountDirectory accounts, AccountLedger ledger, RevokeApiKey revoke, SwitchApiKey switches)
{
    /// <exception cref="Storage.WriteFateUnknownException">It may or may not be on the plan; change it again.</exception>
    public Task<Account> ChangePlanAsync(OperatorIdentity who, Account account, string plan, string reason, CancellationToken cancel)
    {
        var act = new OperatorAct(who, "change_plan", account.Id, $"the plan {plan}", reason) { Before = account.Plan };
        return audit.RunAsync(act, async _ => await accounts.ChangePlanAsync(account.Id, plan, CancellationToken.None) ?? account, changed => changed.Plan, cancel);
    }

    /// <summary>Stops an account from spending, or lets it go on. Requests that run are not affected.</summary>
    /// <exception cref="LedgerUnavailableException">It is not known whether it is stopped; do it again.</exception>
    public async Task<Balance> FreezeAsync(OperatorIdentity who, Account account, bool isFrozen, string reason, CancellationToken cancel)
    {
        var partition = PartitionOf(account);
        var before = await ledger.BalanceAsync(partition, cancel);
        var act = new OperatorAct(who, isFrozen ? "freeze_account" : "unfreeze_account", account.Id, isFrozen ? "nothing may be spent" : "it may spend again", reason) { Before = Words(before) };
        return await audit.RunAsync(act, _ => ledger.StopAsync(partition, StopReasons.Frozen, isFrozen), Words, cancel);

        static string Words(Balance balance) => balance.Stops == StopReasons.None ? "not stopped" : "stopped for " + string.Join(", ", balance.Stops.ToNames());
    }

    /// <summary>Gives back, as credit, what a request was charged: once, however often it is asked.</summary>
    /// <returns>Or <c>request_not_found</c>, <c>nothing_charged</c>.</returns>
    /// <exception cref="LedgerUnavailableException">It is not known whether it was given back; do it again.</exception>
    public async Task<Result<LedgerEntry>> RefundAsync(OperatorIdentity who, Account account, string requestId, string reason, CancellationToken cancel)
    {
        var partition = PartitionOf(account);
        var (entry, hold) = await ledger.FindAsync(partition, requestId, cancel);
        if (entry is null && hold is null) return ApiError.RequestNotFound;
        if (entry is not { IsCharge: true, Amount.Micros: > 0 }) return ApiError.NothingCharged;

        var act = new OperatorAct(who, "refund_request", account.Id, $"${entry.Amount} of {requestId}", reason);
        return await audit.RunAsync(act, _ => ledger.GrantAsync(partition, "op_refund_" + requestId, entry.Amount), Words, cancel);
    }

    /// <summary>Takes credit back, such as a grant that was a mistake: at most what is available. No money moves outside the ledger.</summary>
    /// <param name="idempotencyKey">The same key takes once; null takes each time.</param>
    /// <returns>Or <c>insufficient_credit</c>, <c>idempotency_key_reused</c>.</returns>
    /// <exception cref="LedgerUnavailableException">It is not known whether it was taken; do it again with the same key.</exception>
    public async Task<Result<LedgerEntry>> TakeBackAsync(OperatorIdentity who, Account account, Money amount, string reason, string? idempotencyKey, CancellationToken cancel)
    {
        var partition = PartitionOf(account);
        var known = idempotencyKey is null ? null : "op_" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(idempotencyKey)))[..32];
        if (known is not null && await ledger.FindRefundAsync(partition, known, cancel) is { } done) return done.Amount == amount ? done : ApiError.IdempotencyKeyReused;

        // What is spent between this look and the entry becomes a debt, as with any refund: the next credit pays it.
        var before = await ledger.BalanceAsync(partition, cancel);
        if (amount > before.Available) return ApiError.InsufficientCredit(before.Available);
        var act = new OperatorAct(who, "take_back_credit", account.Id, $"${amount}", reason) { Before = $"${before.Available} available" };
        var taken = await audit.RunAsync(act, id => ledger.RefundAsync(partition, known ?? id, grantId: "", amount), Words, cancel);
        return taken.Amount == amount ? taken : ApiError.IdempotencyKeyReused;
    }

    /// <summary>Revokes a key: spending with it ends at once.</summary>
    /// <exception cref="LedgerUnavailableException">It is revoked, and may go on spending for a short while; revoke again.</exception>
    public Task<ApiKey> RevokeKeyAsync(OperatorIdentity who, ApiKey key, string reason, CancellationToken cancel)
    {
        var act = new OperatorAct(who, "revoke_key", key.AccountId, $"the key {key.Id}", reason) { Before = key.Revoked ? "revoked" : "good" };
        return audit.RunAsync(act, RevokeAsync, _ => "revoked", cancel);

        async Task<ApiKey> RevokeAsync(string id)
        {
            await revoke.RunAsync(new LedgerPartition(key.AccountId, key.Livemode), key.Id, CancellationToken.None);
            return key with { Revoked = true };
        }
    }

    /// <summary>Switches a key off, so that spending with it ends at once, or on again. Its owner may do the same: what must stay off is revoked.</summary>
    /// <returns>Or <c>key_not_active</c> for one that is revoked.</returns>
    /// <exception cref="LedgerUnavailableException">It is switched, and may go on spending for a short while; switch it again.</exception>
    public Task<Result<ApiKey>> SwitchKeyAsync(OperatorIdentity who, ApiKey key, bool isOff, string reason, CancellationToken cancel)
    {
        var act = new OperatorAct(who, isOff ? "disable_key" : "enable_key", key.AccountId, $"the key {key.Id}", reason) { Before = Words(key) };
        return audit.RunAsync(act, _ => switches.RunAsync(key.Partition, key.Id, name: null, isOff, CancellationToken.None), switched => switched.TryGet(out var after, out var error) ? Words(after) : error.Code, cancel);

        static string Words(ApiKey key) => key.Revoked ? "revoked" : key.Disabled ? "disabled" : "good";
    }

    private static LedgerPartition PartitionOf(Account account) => new(account.Id, Livemode: true);

    private static string Words(LedgerEntry entry) => $"${entry.Amount} as entry {entry.Sequence}";
}
