using ServerlessImages.Browser.Seed;

namespace ServerlessImages.Browser;

/// <summary>The pages of the operator's desk.</summary>
internal static class DeskSite
{
    private const string Account = "/operator/accounts/" + DeskSeed.LargeAccount;

    public static IReadOnlyList<SitePage> Pages { get; } =
    [
        new("desk", "/operator", Visitor.Operator),
        new("desk-revenue", "/operator/revenue?group_by=account", Visitor.Operator),
        new("desk-live", "/operator/live", Visitor.Operator),
        new("desk-accounts", "/operator/accounts", Visitor.Operator),
        new("desk-accounts-none", "/operator/accounts?search=nobody", Visitor.Operator),
        new("desk-account", Account, Visitor.Operator),
        new("desk-account-requests", Account + "/requests", Visitor.Operator),
        new("desk-account-ledger", Account + "/ledger", Visitor.Operator),
        new("desk-account-keys", Account + "/keys", Visitor.Operator),
        new("desk-account-members", "/operator/accounts/acct_demo/members", Visitor.Operator),
        new("desk-grant", Account + "/grant", Visitor.Operator),
        new("desk-freeze", Account + "/freeze", Visitor.Operator),
        new("desk-abuse", "/operator/abuse", Visitor.Operator),
        new("desk-prices", "/operator/prices", Visitor.Operator),
        new("desk-new-price", "/operator/prices/gpt-image-2/new", Visitor.Operator),
        new("desk-books", "/operator/books", Visitor.Operator),
        new("desk-books-day", $"/operator/books/{TimeProvider.System.GetUtcNow().AddDays(-2):yyyy-MM-dd}", Visitor.Operator),
        new("desk-payments", "/operator/payments", Visitor.Operator),
        new("desk-incidents", "/operator/incidents", Visitor.Operator),
        new("desk-audit", "/operator/audit", Visitor.Operator),
    ];
}
