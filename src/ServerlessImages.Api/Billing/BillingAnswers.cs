using ServerlessImages.Billing;
using ServerlessImages.Operators;

namespace ServerlessImages.Api.Billing;

/// <summary>What billing answers, on the wire.</summary>
internal static class BillingAnswers
{
    public static IResult Checkout(FoundCheckout found, int status) => Results.Json(new
    {
        @object = "checkout",
        found.Checkout.Id,
        mode = found.Checkout.IsSubscription ? "subscription" : "payment",
        status = found.Status,
        amount_usd = found.Checkout.IsSubscription ? null : found.Checkout.Amount.ToString(),
        currency = "usd",
        url = found.Checkout.Url?.AbsoluteUri,
        expires_at = found.Checkout.ExpiresAt.ToUnixTimeSeconds(),
    }, statusCode: status);

    public static IResult Portal(Uri url) => Results.Json(new { @object = "portal", url = url.AbsoluteUri }, statusCode: StatusCodes.Status201Created);

    public static IResult AutoTopUp(AutoTopUp? topUp, DateTimeOffset now) => Results.Json(new
    {
        @object = "auto_top_up",
        enabled = topUp?.Terms.Enabled ?? false,
        state = ServerlessImages.Billing.AutoTopUp.StateOf(topUp, now),
        threshold_usd = topUp?.Terms.Threshold.ToString(),
        amount_usd = topUp?.Terms.Amount.ToString(),
        monthly_cap_usd = topUp?.Terms.MonthlyCap.ToString(),
        charged_this_month_usd = (topUp?.SpentAt(now) ?? Money.Zero).ToString(),
        decline_code = topUp is { DeclineCode.Length: > 0 } ? topUp.DeclineCode : null,
        consented_at = topUp is { Terms.Enabled: true } ? topUp.Terms.ConsentAt.ToUnixTimeSeconds() : (long?)null,
        currency = "usd",
    });

    public static IResult Problems((IReadOnlyList<BillingProblem> Problems, bool HasMore) page) => Results.Json(new
    {
        @object = "list",
        data = page.Problems.Select(each => new { @object = "billing_problem", kind = ListIncidents.KindOf(each.Kind), each.Id, account_id = each.AccountId.Length > 0 ? each.AccountId : null, cause = each.Cause, created = each.At.ToUnixTimeSeconds() }),
        has_more = page.HasMore,
        next_cursor = page.HasMore ? page.Problems[^1].Cursor : null,
    });

    public static IResult SetUp(UsageCatalog catalog) => Results.Json(new { @object = "billing_setup", product = Of(catalog.Product), meter = Of(catalog.Meter), price = Of(catalog.Price) });

    public static IResult CreditLimit(string accountId, PostpaidAccount account) => Results.Json(new
    {
        @object = "credit_limit",
        account_id = accountId,
        approved_usd = account.Approved.ToString(),
        credit_limit_usd = account.Limit.ToString(),
        subscription = account.StatusName,
        currency = "usd",
    });

    private static object Of(CatalogItem item) => new { item.Id, created_now = item.IsNew };

    public static IResult Subscription(PostpaidAccount account) => Results.Json(new
    {
        @object = "subscription",
        status = account.StatusName,
        approved_usd = account.Approved.ToString(),
        credit_limit_usd = account.Limit.ToString(),
        currency = "usd",
    });
}
