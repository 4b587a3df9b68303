using Microsoft.Extensions.Options;
using ServerlessImages.Api.Http;
using ServerlessImages.Billing;
using ServerlessImages.Keys;

namespace ServerlessImages.Api.Billing;

/// <summary>Buying credit: on a page, in the customer portal, and automatically.</summary>
internal static class BillingApi
{
    public static void MapBilling(this WebApplication app)
    {
        if (!app.HasBilling()) return;
        foreach (var prefix in ApiPrefix.Plain)
        {
            app.MapPost(prefix + "/billing/checkout", StartCheckoutAsync).RequireLiveScope(Scope.BillingManage).TakeJson();
            app.MapGet(prefix + "/billing/checkout/{id}", FindCheckoutAsync).RequireLiveScope(Scope.BillingManage);
            app.MapGet(prefix + "/billing/subscription", SubscriptionApi.FindAsync).RequireLiveScope(Scope.BillingManage);
            app.MapDelete(prefix + "/billing/subscription", SubscriptionApi.EndAsync).RequireLiveScope(Scope.BillingManage);
            app.MapGet(prefix + "/billing/invoices", InvoicesApi.ListAsync).RequireLiveScope(Scope.BillingManage, Scope.UsageRead);
            app.MapGet(prefix + "/billing/invoices/{id}/usage", InvoicesApi.UsageAsync).RequireLiveScope(Scope.BillingManage, Scope.UsageRead);
            app.MapPost(prefix + "/billing/portal", OpenPortalAsync).RequireLiveScope(Scope.BillingManage).TakeJson();
            app.MapGet(prefix + "/billing/auto-top-up", FindAutoTopUpAsync).RequireLiveScope(Scope.BillingManage);
            app.MapPut(prefix + "/billing/auto-top-up", SetAutoTopUpAsync).RequireLiveScope(Scope.BillingManage).TakeJson();
        }

        app.MapReturnPage();
        app.MapCollectorEvents();
        app.MapBillingDesk();
    }

    private enum CheckoutMode
    {
        Payment,
        Subscription,
    }

    private static Task StartCheckoutAsync(HttpContext http, StartCheckout start, StartSubscription subscribe, IOptions<SiteOptions> site, ErrorWriter errors)
    {
        return http.AnswerAsync(errors, StartAsync, checkout => BillingAnswers.Checkout(new(checkout, GrantOutcome.NotPaid), StatusCodes.Status201Created));

        async Task<Result<Checkout>> StartAsync()
        {
            if (!(await http.ReadJsonAsync(fields => (Amount: fields.Dollars("amount_usd"), Mode: fields.Word<CheckoutMode>("mode")))).TryGet(out var body, out var error)) return error;
            if (body is { Mode: CheckoutMode.Payment, Amount: null }) return ApiError.MissingParameter("amount_usd");
            if (body is { Mode: CheckoutMode.Subscription, Amount: not null }) return ApiError.UnknownParameter("amount_usd");
            if (IdempotencyHeader.TryRead(http.Request, out var key) is { } wrong) return wrong;
            var (account, success, cancel) = (http.Caller().Account, ReturnPage.SuccessUrl(site.Value), ReturnPage.CancelUrl(site.Value));
            return body.Amount is { } amount ? await start.RunAsync(account, amount, key, success, cancel, http.RequestAborted) : await subscribe.RunAsync(account, key, success, cancel, http.RequestAborted);
        }
    }

    private static Task FindCheckoutAsync(string id, HttpContext http, FindCheckout find, ErrorWriter errors) =>
        http.AnswerAsync(errors, () => find.RunAsync(http.Caller().Account.Id, id, http.RequestAborted), found => BillingAnswers.Checkout(found, StatusCodes.Status200OK));

    private static Task OpenPortalAsync(HttpContext http, OpenCollectorPages open, IOptions<SiteOptions> site, ErrorWriter errors)
    {
        return http.AnswerAsync(errors, OpenAsync, BillingAnswers.Portal);

        async Task<Result<Uri>> OpenAsync()
        {
            if (!(await http.ReadJsonAsync(_ => true)).TryGet(out _, out var error)) return error;
            return await open.RunAsync(http.Caller().Account, ReturnPage.CancelUrl(site.Value), http.RequestAborted);
        }
    }

    private static async Task FindAutoTopUpAsync(HttpContext http, AutoTopUps topUps, TimeProvider clock) =>
        await BillingAnswers.AutoTopUp((await topUps.FindAsync(http.Caller().Account.Id, http.RequestAborted))?.TopUp, clock.GetUtcNow()).ExecuteAsync(http);

    private static Task SetAutoTopUpAsync(HttpContext http, AutoTopUps topUps, TopUpAutomatically topUp, BillingOptions options, TimeProvider clock, ErrorWriter errors)
    {
        return http.AnswerAsync(errors, SetAsync, set => BillingAnswers.AutoTopUp(set, clock.GetUtcNow()));

        async Task<Result<AutoTopUp>> SetAsync()
        {
            if (!(await http.ReadJsonAsync(AutoTopUpBody.Read)).TryGet(out var body, out var error)) return error;
            var account = http.Caller().Account.Id;
            var before = (await topUps.FindAsync(account, http.RequestAborted))?.TopUp.Terms;
            if (!body.ToTerms(before, options, http.Caller().Key.Id, clock.GetUtcNow()).TryGet(out var terms, out error)) return error;
            return await topUp.SetAsync(account, terms, http.RequestAborted);
        }
    }
}
