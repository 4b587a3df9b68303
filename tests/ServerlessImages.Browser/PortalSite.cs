using ServerlessImages.Browser.Seed;

namespace ServerlessImages.Browser;

/// <summary>The pages of the customer's portal.</summary>
internal static class PortalSite
{
    public static IReadOnlyList<SitePage> Pages { get; } =
    [
        new("portal", "/portal", Visitor.Customer),
        new("usage", "/portal/usage", Visitor.Customer),
        new("usage-by-tag", "/portal/usage?by=tag%3Ateam&days=7", Visitor.Customer),
        new("usage-of-nothing", "/portal/usage?from=2020-01-01&to=2020-01-31", Visitor.Customer),
        new("requests", "/portal/requests", Visitor.Customer),
        new("requests-failed", "/portal/requests?status=failed&tag.team=letters", Visitor.Customer),
        new("requests-test", "/portal/requests?mode=test", Visitor.Customer),
        new("request", "/portal/requests/" + UsageSeed.RequestId, Visitor.Customer),
        new("request-delete", $"/portal/requests/{UsageSeed.RequestId}/delete", Visitor.Customer),
        new("playground", "/portal/playground", Visitor.Customer),
        new("billing", "/portal/billing", Visitor.Customer),
        new("billing-auto", "/portal/billing/auto-top-up", Visitor.Customer),
        new("billing-invoices", "/portal/billing/invoices", Visitor.Customer),
        new("billing-ledger", "/portal/billing/ledger", Visitor.Customer),
        new("billing-end", "/portal/billing/subscription/end", Visitor.Customer),
    ];
}
