using ServerlessImages.Accounts;
using ServerlessImages.Images;
using ServerlessImages.Keys;
using ServerlessImages.Ledger;
using ServerlessImages.Operators;

namespace ServerlessImages.Api.Operators;

/// <summary>What the operator API answers, on the wire.</summary>
internal static class OperatorAnswers
{
    public static IResult Opened(Account account) => Results.Json(Of(account), statusCode: StatusCodes.Status201Created);

    public static IResult Account(Account account) => Results.Json(Of(account));

    public static IResult Accounts((IReadOnlyList<Account> Accounts, string? NextCursor) page) => Results.Json(new
    {
        @object = "list",
        data = page.Accounts.Select(Of),
        has_more = page.NextCursor is not null,
        next_cursor = page.NextCursor,
    });

    public static IResult Account(Account account, Plan plan, Balance balance) => Results.Json(new
    {
        @object = "account",
        account.Id,
        account.Name,
        account.Plan,
        created = account.Created.ToUnixTimeSeconds(),
        plan_terms = new
        {
            markup_percent = plan.MarkupBasisPoints / 100m,
            requests_per_minute = plan.RequestsPerMinute,
            burst = plan.Burst,
            open_requests_max = plan.OpenRequestsMax,
            queue_weight = plan.QueueWeight,
        },
        balance = new
        {
            available_usd = balance.Available.ToString(),
            held_usd = (balance.Held + balance.OwedHeld).ToString(),
            granted_usd = balance.Granted.ToString(),
            charged_usd = (balance.Settled + balance.Owed).ToString(),
            refunded_usd = balance.Refunded.ToString(),
            expired_usd = balance.Expired.ToString(),
            debt_usd = balance.Debt.ToString(),
            credit_limit_usd = balance.Limit.ToString(),
            owed_usd = balance.Unpaid.ToString(),
            stopped_for = balance.Stops.ToNames(),
            open_requests = balance.Open,
        },
    });

    /// <summary>The one answer that ever has the key's text.</summary>
    public static IResult Minted(ApiKeyText key, IReadOnlyList<string> scopes) =>
        Results.Json(new { @object = "api_key", id = key.KeyId, key = key.Text, scopes, livemode = key.Livemode }, statusCode: StatusCodes.Status201Created);

    public static IResult Granted(LedgerEntry entry) =>
        Results.Json(new { @object = "grant", entry.Id, amount_usd = entry.Amount.ToString(), created = entry.At.ToUnixTimeSeconds(), expires_at = entry.ExpiresAt?.ToUnixTimeSeconds(), entry.Sequence }, statusCode: StatusCodes.Status201Created);

    public static IResult Frozen(string accountId, Balance balance) =>
        Results.Json(new { @object = "freeze", account_id = accountId, frozen = balance.Stops.HasFlag(StopReasons.Frozen), stopped_for = balance.Stops.ToNames() });

    public static IResult Posted(string what, LedgerEntry entry) =>
        Results.Json(new { @object = what, entry.Id, amount_usd = entry.Amount.ToString(), created = entry.At.ToUnixTimeSeconds(), entry.Sequence }, statusCode: StatusCodes.Status201Created);

    public static IResult Acts(AuditPage page) => Results.Json(new
    {
        @object = "list",
        data = page.Acts.Select(Of),
        has_more = page.NextCursor is not null,
        next_cursor = page.NextCursor,
    });

    private static object Of(Account account) => new { @object = "account", account.Id, account.Name, account.Plan, created = account.Created.ToUnixTimeSeconds() };

    private static object Of(AuditRecord record) => new
    {
        @object = "act",
        record.Id,
        created = record.At.ToUnixTimeSeconds(),
        operator_id = record.Act.Who.Id,
        operator_name = record.Act.Who.Name,
        act = record.Act.Name,
        account_id = record.Act.AccountId,
        what = record.Act.What,
        reason = record.Act.Reason,
        before = record.Act.Before,
        outcome = record.Outcome.ToWire(),
        result = record.Result,
    };
}
