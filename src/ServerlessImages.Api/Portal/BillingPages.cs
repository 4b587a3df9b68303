using ServerlessImages.Api.Billing;
using ServerlessImages.Api.Http;
using ServerlessImages.Api.Pages;
using ServerlessImages.Api.Portal.Pages.Billing;
using ServerlessImages.Billing;
using ServerlessImages.Ledger;
using ServerlessImages.Members;
using ServerlessImages.Usage;

namespace ServerlessImages.Api.Portal;

/// <summary>What an account has, buys and owes, for its members: the use cases of <see cref="BillingApi"/>. Where nothing is sold there is the balance and the ledger, and no more.</summary>
internal static class BillingPages
{
    private const int InvoicesPerPage = 20;
    private const int EntriesPerPage = 50;

    public static void AddBillingPages(this IServiceCollection services)
    {
        if (services.Any(each => each.ServiceType == typeof(IPaymentCollector))) services.AddSingleton<BillingView>();
    }

    public static void MapBillingPages(this WebApplication app)
    {
        app.MapGet(BillingPaths.Ledger, ShowLedgerAsync).RequireMember(PortalAction.SeeBilling).AsPage();
        if (!app.HasBilling())
        {
            app.MapGet(PortalPaths.Billing, ShowBalanceAsync).RequireMember(PortalAction.SeeBilling).AsPage();
            return;
        }

        app.MapGet(PortalPaths.Billing, ShowAsync).RequireMember(PortalAction.SeeBilling).AsPage();
        app.MapGet(BillingPaths.Automatic, ShowAutomaticAsync).RequireMember(PortalAction.SeeBilling).AsPage();
        app.MapGet(BillingPaths.Invoices, ListInvoicesAsync).RequireMember(PortalAction.SeeBilling).AsPage();
        app.MapGet(BillingPaths.Invoices + "/{id}", ShowInvoiceAsync).RequireMember(PortalAction.SeeBilling).AsPage();
        app.MapBillingForms();
    }

    private static Task<PageResult> ShowAsync(HttpContext http, BillingView view) => view.BalanceAsync(http, FormState.Fresh);

    private static Task<PageResult> ShowAutomaticAsync(HttpContext http, BillingView view) => view.AutomaticAsync(http, form: null);

    private static async Task<PageResult> ShowBalanceAsync(HttpContext http, AccountLedger ledger) => Page.Of<BillingOffPage>(
        (nameof(BillingOffPage.Shell), http.Shell()),
        (nameof(BillingOffPage.Balance), await ledger.BalanceAsync(PartitionOf(http), http.RequestAborted)));

    private static async Task<IResult> ListInvoicesAsync(HttpContext http, ReadInvoices invoices)
    {
        var after = http.Request.Query["after"].ToString() is { Length: > 0 } id ? id : null;
        if (!(await invoices.PageAsync(http.Member().Account.Id, after, InvoicesPerPage, http.RequestAborted)).TryGet(out var page, out var error)) return new PortalRefusal(error);
        return Page.Of<InvoicesPage>((nameof(InvoicesPage.Shell), http.Shell()), (nameof(InvoicesPage.Page), page), (nameof(InvoicesPage.IsFirst), after is null));
    }

    private static async Task<IResult> ShowInvoiceAsync(string id, HttpContext http, ReadInvoices invoices)
    {
        var usage = await invoices.UsageAsync(http.Member().Account.Id, id, (from, until) => new UsageQuery(from, until, UsageBucket.All, [UsageDimension.Model, UsageDimension.Quality, UsageDimension.Key], []), http.RequestAborted);
        return usage.TryGet(out var found, out var error) ? Page.Of<InvoiceDetailPage>((nameof(InvoiceDetailPage.Shell), http.Shell()), (nameof(InvoiceDetailPage.Found), found)) : new PortalRefusal(error);
    }

    /// <summary>Newest first, from the entry before one on; each page is proved by the chain before it is shown.</summary>
    private static async Task<IResult> ShowLedgerAsync(HttpContext http, AccountLedger ledger, ReadUsageEvents read)
    {
        var newest = (await ledger.BalanceAsync(PartitionOf(http), http.RequestAborted)).Sequence;
        var before = new QueryFields(http.Request.Query).Long("before", newest + 1) is { } asked and > 0 ? asked : newest + 1;
        var limit = (int)Math.Min(EntriesPerPage, before - 1);
        if (!(await read.RunAsync(PartitionOf(http), before - 1 - limit, Math.Max(limit, 1), http.RequestAborted)).TryGet(out var page, out var error)) return new PortalRefusal(error);
        return Page.Of<LedgerPage>(
            (nameof(LedgerPage.Shell), http.Shell()),
            (nameof(LedgerPage.Entries), page.Entries.Take(limit).Select(each => each.Entry).Reverse().ToArray()),
            (nameof(LedgerPage.IsNewest), before > newest),
            (nameof(LedgerPage.SeesRequests), http.Member().May(PortalAction.SeeRequests)));
    }

    private static LedgerPartition PartitionOf(HttpContext http) => new(http.Member().Account.Id, Livemode: true);
}
