using ServerlessImages.Api.Docs;
using ServerlessImages.Api.Http;
using ServerlessImages.Billing;

namespace ServerlessImages.Api.Billing;

/// <summary>Where a payer comes back to from the collector's page. A browser has no API key: the checkout's id, which nobody can guess, says which one it is, and no amount is shown.</summary>
internal static class ReturnPage
{
    private const string Path = "/billing/return";
    private const string IdParameter = "session_id";

    /// <summary>Stripe's own placeholder.</summary>
    private const string IdPlaceholder = "{CHECKOUT_SESSION_ID}";

    private static readonly HtmlPage Paid = Page("Paid", "The credit is in the account. This window can be closed.");
    private static readonly HtmlPage Subscribed = Page("Subscribed", "The account is subscribed: what it uses up to its limit is invoiced by the month. This window can be closed.");
    private static readonly HtmlPage OnItsWay = Page("On its way", "The payment was begun, and its money is on its way: the credit comes with it. This window can be closed.");
    private static readonly HtmlPage NotPaid = Page("Not paid", "Nothing was paid, and nothing was charged. This window can be closed.");

    public static Uri SuccessUrl(SiteOptions site) => new($"{new Uri(site.PublicUrl!, Path).AbsoluteUri}?{IdParameter}={IdPlaceholder}", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });

    public static Uri CancelUrl(SiteOptions site) => new(site.PublicUrl!, Path);

    public static void MapReturnPage(this WebApplication app) => app.MapGet(Path, ShowAsync).OpenToEveryone().WithMetadata(new PagePolicy(Paid.SecurityPolicy));

    private static async Task ShowAsync(HttpContext http, IPaymentCollector collector, CreditCheckout credit)
    {
        var id = http.Request.Query[IdParameter].ToString();
        var checkout = BillingApi.IsCheckoutId(id) ? await collector.FindCheckoutAsync(id, http.RequestAborted) : null;
        var outcome = checkout is null ? GrantOutcome.NotPaid : await credit.RunAsync(checkout, http.RequestAborted);
        var page = outcome == GrantOutcome.Granted ? Paid : checkout is { IsSubscription: true, Status: CheckoutStatus.Complete } ? Subscribed : checkout?.Status == CheckoutStatus.Complete ? OnItsWay : NotPaid;
        http.Response.ContentType = "text/html; charset=utf-8";
        await http.Response.WriteAsync(page.Html, http.RequestAborted);
    }

    private static HtmlPage Page(string title, string text) => HtmlPage.Of(title, $"# {title}\n\n{text}\n", DocsApi.Style);
}
