using ServerlessImages.Browser.Seed;

namespace ServerlessImages.Browser;

/// <summary>The pages of the customer's portal.</summary>
internal static class PortalSite
{
    public static IReadOnlyList<SitePage> Pages { get; } =
    [
        new("portal", "/portal", Visitor.Customer),
        .. AccessPages,
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

    private static IEnumerable<SitePage> AccessPages =>
    [
        new("keys", "/portal/keys", Visitor.Customer),
        new("keys-test", "/portal/keys?mode=test", Visitor.Customer),
        new("key-new", "/portal/keys/new", Visitor.Customer),
        new("key", $"/portal/keys/{AccessSeed.KeyId}", Visitor.Customer),
        new("key-rotate", $"/portal/keys/{AccessSeed.KeyId}/rotate", Visitor.Customer),
        new("key-revoke", $"/portal/keys/{AccessSeed.KeyId}/revoke", Visitor.Customer),
        new("webhooks", "/portal/webhooks", Visitor.Customer),
        new("webhooks-empty", "/portal/webhooks?mode=test", Visitor.Customer),
        new("webhook-new", "/portal/webhooks/new", Visitor.Customer),
        new("webhook", $"/portal/webhooks/{AccessSeed.EndpointId}", Visitor.Customer),
        new("webhook-change", $"/portal/webhooks/{AccessSeed.EndpointId}/change", Visitor.Customer),
        new("webhook-rotate", $"/portal/webhooks/{AccessSeed.EndpointId}/rotate", Visitor.Customer),
        new("webhook-delete", $"/portal/webhooks/{AccessSeed.EndpointId}/delete", Visitor.Customer),
        new("members", "/portal/members", Visitor.Customer),
        new("member-remove", $"/portal/members/{AccessSeed.DeveloperId}/remove", Visitor.Customer),
        new("members-leave", "/portal/members/leave", Visitor.Customer),
        new("close", "/portal/close", Visitor.Customer),
        new("closed", "/portal/closed", Visitor.Customer),
        new("accounts", "/portal/accounts", Visitor.Customer),
        new("terms", "/portal/terms", Visitor.Customer),
    ];
}
