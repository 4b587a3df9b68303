using ServerlessImages.Billing;
using ServerlessImages.Operators;

namespace ServerlessImages.Api.Billing;

/// <summary>What billing answers, on the wire.</summary>
internal static class BillingAnswers
{
    public static IResult Checkout(Checkout checkout, GrantOutcome outcome, int status) => Results.Json(new
    {
        @object = "checkout",
        checkout.Id,
        mode = checkout.IsSubscription ? "subscription" : "payment",
        status = StatusOf(checkout, outcome),
        amount_usd = checkout.IsSubscription ? null : checkout.Amount.ToString(),
        currency = "usd",
        url = checkout.Url?.AbsoluteUri,
        expires_at = checkout.ExpiresAt.ToUnixTimeSeconds(),
    }, statusCode: status);

    public static IResult Portal(Uri url) => Results.Json(new { @object = "portal", url = url.AbsoluteUri }, statusCode: StatusCodes.Status201Created);

    public static IResult AutoTopUp(AutoTopUp? topUp, DateTimeOffset now) => Results.Json(new
    {
        @object = "auto_top_up",
        enabled = topUp?.Terms.Enabled ?? false,
        state = StateOf(topUp, now),
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
        subscription = NameOf(account.Status),
        currency = "usd",
    });

    private static object Of(CatalogItem item) => new { item.Id, created_now = item.IsNew };

    public static IResult Subscription(PostpaidAccount account) => Results.Json(new
    {
        @object = "subscription",
        status = NameOf(account.Status),
        approved_usd = account.Approved.ToString(),
        credit_limit_usd = account.Limit.ToString(),
        currency = "usd",
    });

    private static string NameOf(SubscriptionStatus status) => status switch
    {
        SubscriptionStatus.PastDue => "past_due",
        _ => status.ToString().ToLowerInvariant(),
    };

    private static string StatusOf(Checkout checkout, GrantOutcome outcome) => (outcome, checkout.Status) switch
    {
        (GrantOutcome.Granted, _) => "paid",
        (GrantOutcome.Quarantined, _) => "in_review",
        (_, CheckoutStatus.Complete) => checkout.IsSubscription ? "subscribed" : "processing",
        (_, CheckoutStatus.Open) => "open",
        _ => "expired",
    };

    private static string StateOf(AutoTopUp? topUp, DateTimeOffset now) => topUp switch
    {
        { State: AutoTopUpState.Charging } => "charging",
        null or { Terms.Enabled: false } => "off",
        { State: AutoTopUpState.Declined } => "declined",
        _ => topUp.LeftAt(now) < topUp.Terms.Amount ? "cap_reached" : "ready",
    };
}
