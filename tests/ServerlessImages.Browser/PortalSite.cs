namespace ServerlessImages.Browser;

/// <summary>The pages of the customer's portal.</summary>
internal static class PortalSite
{
    public static IReadOnlyList<SitePage> Pages { get; } =
    [
        new("portal", "/portal", Visitor.Customer),
        new("playground", "/portal/playground", Visitor.Customer),
        new("billing", "/portal/billing", Visitor.Customer),
        new("billing-auto", "/portal/billing/auto-top-up", Visitor.Customer),
        new("billing-invoices", "/portal/billing/invoices", Visitor.Customer),
        new("billing-ledger", "/portal/billing/ledger", Visitor.Customer),
        new("billing-end", "/portal/billing/subscription/end", Visitor.Customer),
    ];
}
