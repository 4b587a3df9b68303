using ServerlessImages.Api.Http;

namespace ServerlessImages.Api.Portal;

/// <summary>The addresses of billing's pages, and those that the collector sends payers back to.</summary>
internal static class BillingPaths
{
    public const string TopUp = PortalPaths.Billing + "/top-up";
    public const string Back = PortalPaths.Billing + "/return";
    public const string Automatic = PortalPaths.Billing + "/auto-top-up";
    public const string Subscribe = PortalPaths.Billing + "/subscription";
    public const string EndSubscription = PortalPaths.Billing + "/subscription/end";
    public const string Collector = PortalPaths.Billing + "/cards";
    public const string Invoices = PortalPaths.Billing + "/invoices";
    public const string Ledger = PortalPaths.Billing + "/ledger";
    public const string CheckoutParameter = "session_id";

    /// <summary>Stripe's own placeholder.</summary>
    private const string IdPlaceholder = "{CHECKOUT_SESSION_ID}";

    public static string Invoice(string id) => $"{Invoices}/{Uri.EscapeDataString(id)}";

    public static string Done(string word) => $"{PortalPaths.Billing}?done={word}";

    public static Uri SuccessUrl(SiteOptions site) => new($"{new Uri(site.PublicUrl!, Back).AbsoluteUri}?{CheckoutParameter}={IdPlaceholder}", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });

    public static Uri CancelUrl(SiteOptions site) => new(site.PublicUrl!, Done("not-paid"));

    public static Uri PortalUrl(SiteOptions site) => new(site.PublicUrl!, PortalPaths.Billing);
}
