using Microsoft.Extensions.Options;
using ServerlessImages.Api.Billing;
using ServerlessImages.Api.Http;
using ServerlessImages.Api.Pages;
using ServerlessImages.Api.Portal.Pages.Billing;
using ServerlessImages.Billing;
using ServerlessImages.Members;

namespace ServerlessImages.Api.Portal;

/// <summary>What members who manage billing do: buy credit, have it bought, subscribe and end it. Money moves only at the collector.</summary>
internal static class BillingForms
{
    private const int OnceCharactersMax = 64;

    public static void MapBillingForms(this WebApplication app)
    {
        app.MapPost(BillingPaths.TopUp, TopUpAsync).RequireMember(PortalAction.ManageBilling).TakeForm().AsPage();
        app.MapGet(BillingPaths.Back, ComeBackAsync).RequireMember(PortalAction.ManageBilling).AsPage();
        app.MapPost(BillingPaths.Automatic, SetAutomaticAsync).RequireMember(PortalAction.ManageBilling).TakeForm().AsPage();
        app.MapPost(BillingPaths.Collector, OpenCollectorAsync).RequireMember(PortalAction.ManageBilling).TakeForm().AsPage();
        app.MapPost(BillingPaths.Subscribe, SubscribeAsync).RequireMember(PortalAction.ManageBilling).TakeForm().AsPage();
        app.MapGet(BillingPaths.EndSubscription, AskToEnd).RequireMember(PortalAction.ManageBilling).AsPage();
        app.MapPost(BillingPaths.EndSubscription, EndAsync).RequireMember(PortalAction.ManageBilling).TakeForm().AsPage();
    }

    /// <summary>The page's own word makes one checkout of a form that is sent twice; another amount is another one.</summary>
    private static async Task<IResult> TopUpAsync(HttpContext http, BillingView view, StartCheckout start, IOptions<SiteOptions> site)
    {
        var form = await http.ReadPageFormAsync(fields => (Once: fields.Text("once", OnceCharactersMax), Amount: fields.Dollars("amount_usd")));
        var (once, asked) = form.Value;
        if ((form.Error ?? (once is null ? ApiError.MissingParameter("once") : asked is null ? ApiError.MissingParameter("amount_usd") : null)) is { } wrong) return await view.BalanceAsync(http, form.Wrong(wrong));

        var started = await start.RunAsync(http.Member().Account, asked!.Value, $"portal {once} {asked}", BillingPaths.SuccessUrl(site.Value), BillingPaths.CancelUrl(site.Value), http.RequestAborted);
        return started.TryGet(out var checkout, out var error) ? ToCollector(checkout.Url!) : await view.BalanceAsync(http, form.Wrong(error));
    }

    /// <summary>Whoever comes back from paying finds the credit there. Of another account's checkout there is nothing to be seen.</summary>
    private static async Task<IResult> ComeBackAsync(HttpContext http, FindCheckout find)
    {
        var found = await find.RunAsync(http.Member().Account.Id, http.Request.Query[BillingPaths.CheckoutParameter].ToString(), http.RequestAborted);
        return found.TryGet(out var checkout, out var error) ? Results.Redirect(BillingPaths.Done(checkout.Status)) : new PortalRefusal(error);
    }

    private static async Task<IResult> SetAutomaticAsync(HttpContext http, BillingView view, AutoTopUps topUps, TopUpAutomatically topUp, BillingOptions options, TimeProvider clock)
    {
        var form = await http.ReadPageFormAsync(AutoTopUpBody.Read);
        var account = http.Member().Account.Id;
        var before = (await topUps.FindAsync(account, http.RequestAborted))?.TopUp.Terms;
        var error = form.Error;
        if (error is not null || !form.Value.ToTerms(before, options, http.Member().Person.Id, clock.GetUtcNow()).TryGet(out var terms, out error)) return await view.AutomaticAsync(http, form.Wrong(error));

        await topUp.SetAsync(account, terms, CancellationToken.None);
        return Results.Redirect($"{BillingPaths.Automatic}?done={(terms.Enabled ? "on" : "off")}");
    }

    private static async Task<IResult> OpenCollectorAsync(HttpContext http, OpenCollectorPages open, IOptions<SiteOptions> site) =>
        ToCollector(await open.RunAsync(http.Member().Account, BillingPaths.PortalUrl(site.Value), http.RequestAborted));

    private static async Task<IResult> SubscribeAsync(HttpContext http, StartSubscription subscribe, IOptions<SiteOptions> site)
    {
        var form = await http.ReadPageFormAsync(fields => fields.Text("once", OnceCharactersMax));
        if ((form.Error ?? (form.Value is null ? ApiError.MissingParameter("once") : null)) is { } wrong) return new PortalRefusal(wrong);
        var started = await subscribe.RunAsync(http.Member().Account, $"portal {form.Value}", BillingPaths.SuccessUrl(site.Value), BillingPaths.CancelUrl(site.Value), http.RequestAborted);
        return started.TryGet(out var checkout, out var error) ? ToCollector(checkout.Url!) : new PortalRefusal(error);
    }

    private static PageResult AskToEnd(HttpContext http) => Page.Of<EndSubscriptionPage>((nameof(EndSubscriptionPage.Shell), http.Shell()));

    private static async Task<IResult> EndAsync(HttpContext http, EndSubscription end) =>
        (await end.RunAsync(http.Member().Account.Id, CancellationToken.None)).TryGet(out _, out var error) ? Results.Redirect(BillingPaths.Done("ended")) : new PortalRefusal(error);

    /// <summary>A browser is to ask for that page, and not to send it the form again.</summary>
    private static SeeOther ToCollector(Uri page) => new SeeOther(page.AbsoluteUri);
}

/// <summary>303.</summary>
internal sealed class SeeOther(string address) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.StatusCode = StatusCodes.Status303SeeOther;
        httpContext.Response.Headers.Location = address;
        return Task.CompletedTask;
    }
}
