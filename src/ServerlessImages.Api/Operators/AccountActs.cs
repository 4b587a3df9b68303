using Microsoft.Extensions.Options;
using ServerlessImages.Abuse;
using ServerlessImages.Accounts;
using ServerlessImages.Billing;
using ServerlessImages.Images;
using ServerlessImages.Keys;
using ServerlessImages.Ledger;
using ServerlessImages.Operators;

namespace ServerlessImages.Api.Operators;

/// <summary>What an operator does to one account, for the operator API and for the desk: what it takes, and what is refused before anything is written down.</summary>
/// <param name="billing">Null where no money is collected.</param>
internal sealed class AccountActs(OperatorDesk operators, AccountDesk desk, ConductDesk conduct, AccountDirectory accounts, ApiKeyDirectory keys, PlanCatalog plans, IOptions<OperatorOptions> options, BillingDesk? billing = null)
{
    public const int ReasonCharactersMax = 500;
    public const int WordCharactersMax = 200;

    /// <summary>Later than any promotion lasts: who sends milliseconds for seconds is told.</summary>
    public const int GrantYearsMax = 5;

    public bool HasBilling => billing is not null;

    /// <param name="once">The same one grants once; null grants each time.</param>
    public async Task<Result<LedgerEntry>> GrantAsync(OperatorIdentity who, string id, Money? amount, DateTimeOffset? expiresAt, string? reason, string? once, CancellationToken cancel)
    {
        if (amount is not { } credit) return ApiError.MissingParameter("amount_usd");
        if (reason is null) return ApiError.MissingParameter("reason");
        if (credit > Money.Dollars(options.Value.GrantUsdMax)) return ApiError.InvalidValue("amount_usd", $"at most {options.Value.GrantUsdMax} dollars in one grant (Operator:GrantUsdMax)");
        if (await accounts.FindAsync(id, cancel) is not { } account) return ApiError.AccountNotFound;
        return await operators.GrantAsync(who, account, new OperatorGrant(credit, reason, expiresAt), once, cancel);
    }

    /// <param name="once">The same one takes once; null takes each time.</param>
    public async Task<Result<LedgerEntry>> TakeBackAsync(OperatorIdentity who, string id, Money? amount, string? reason, string? once, CancellationToken cancel)
    {
        if (amount is not { } credit) return ApiError.MissingParameter("take_back_usd");
        if (reason is null) return ApiError.MissingParameter("reason");
        if (credit > Money.Dollars(options.Value.GrantUsdMax)) return ApiError.InvalidValue("take_back_usd", $"at most {options.Value.GrantUsdMax} dollars at once (Operator:GrantUsdMax)");
        if (await accounts.FindAsync(id, cancel) is not { } account) return ApiError.AccountNotFound;
        return await desk.TakeBackAsync(who, account, credit, reason, once, cancel);
    }

    public async Task<Result<LedgerEntry>> RefundAsync(OperatorIdentity who, string id, string? requestId, string? reason, CancellationToken cancel)
    {
        if (requestId is null) return ApiError.MissingParameter("request_id");
        if (reason is null) return ApiError.MissingParameter("reason");
        if (await accounts.FindAsync(id, cancel) is not { } account) return ApiError.AccountNotFound;
        return FindRequest.IsId(requestId) ? await desk.RefundAsync(who, account, requestId, reason, cancel) : ApiError.RequestNotFound;
    }

    public async Task<Result<Account>> ChangePlanAsync(OperatorIdentity who, string id, string? plan, string? reason, CancellationToken cancel)
    {
        if (plan is null) return ApiError.MissingParameter("plan");
        if (reason is null) return ApiError.MissingParameter("reason");
        if (!plans.Has(plan)) return ApiError.InvalidValue("plan", "the name of a plan");
        if (await accounts.FindAsync(id, cancel) is not { } account) return ApiError.AccountNotFound;
        return await desk.ChangePlanAsync(who, account, plan, reason, cancel);
    }

    public async Task<Result<PostpaidAccount>> SetCreditLimitAsync(OperatorIdentity who, string id, Money? limit, string? reason, CancellationToken cancel)
    {
        if (limit is not { } most) return ApiError.MissingParameter("credit_limit_usd");
        if (reason is null) return ApiError.MissingParameter("reason");
        if (most > Money.Dollars(options.Value.CreditLimitUsdMax)) return ApiError.InvalidValue("credit_limit_usd", $"at most {options.Value.CreditLimitUsdMax} dollars (Operator:CreditLimitUsdMax)");
        if (billing is null || await accounts.FindAsync(id, cancel) is not { } account) return ApiError.AccountNotFound;
        return await billing.SetCreditLimitAsync(who, account, most, reason, cancel);
    }

    public async Task<Result<Balance>> FreezeAsync(OperatorIdentity who, string id, bool? isFrozen, string? reason, CancellationToken cancel)
    {
        if (isFrozen is not { } isStopped) return ApiError.MissingParameter("frozen");
        if (reason is null) return ApiError.MissingParameter("reason");
        if (await accounts.FindAsync(id, cancel) is not { } account) return ApiError.AccountNotFound;
        return await desk.FreezeAsync(who, account, isStopped, reason, cancel);
    }

    public async Task<Result<Balance>> ClearStrikesAsync(OperatorIdentity who, string id, string? reason, CancellationToken cancel)
    {
        if (reason is null) return ApiError.MissingParameter("reason");
        if (await accounts.FindAsync(id, cancel) is not { } account) return ApiError.AccountNotFound;
        return await conduct.ClearAsync(who, account, reason, cancel);
    }

    public async Task<Result<ApiKey>> RevokeKeyAsync(OperatorIdentity who, string id, string keyId, string? reason, CancellationToken cancel)
    {
        if (reason is null) return ApiError.MissingParameter("reason");
        if (!(await KeyAsync(id, keyId, cancel)).TryGet(out var key, out var error)) return error;
        return await desk.RevokeKeyAsync(who, key, reason, cancel);
    }

    public async Task<Result<ApiKey>> SwitchKeyAsync(OperatorIdentity who, string id, string keyId, bool? isOff, string? reason, CancellationToken cancel)
    {
        if (isOff is not { } isDisabled) return ApiError.MissingParameter("disabled");
        if (reason is null) return ApiError.MissingParameter("reason");
        if (!(await KeyAsync(id, keyId, cancel)).TryGet(out var key, out var error)) return error;
        return await desk.SwitchKeyAsync(who, key, isDisabled, reason, cancel);
    }

    /// <summary>A key of the account, of real money or play money; another's is none.</summary>
    public async Task<Result<ApiKey>> KeyAsync(string id, string keyId, CancellationToken cancel)
    {
        if (await accounts.FindAsync(id, cancel) is not { } account) return ApiError.AccountNotFound;
        return ApiKeyText.IsKeyId(keyId) && await keys.FindNowAsync(keyId, cancel) is { } key && key.AccountId == account.Id ? key : ApiError.KeyNotFound;
    }
}
