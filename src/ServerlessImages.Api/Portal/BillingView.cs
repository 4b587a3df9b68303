using Microsoft.Extensions.Options;
using ServerlessImages.Api.Http;
using ServerlessImages.Api.Pages;
using ServerlessImages.Api.Portal.Pages.Billing;
using ServerlessImages.Billing;
using ServerlessImages.Ledger;
using ServerlessImages.Stripe;

namespace ServerlessImages.Api.Portal;

/// <summary>Billing's pages with forms, as they are opened and as they come back with what is wrong. Those that lead to the collector's pages may be followed there.</summary>
internal sealed class BillingView(AccountLedger ledger, AutoTopUps topUps, PostpaidAccounts postpaid, BillingOptions options, IOptions<StripeOptions> stripe, IEntropy entropy, TimeProvider clock)
{
    private readonly PagePolicy policy = PagePolicy.ThatSendsTo("'self' " + stripe.Value.FormTargets());

    public async Task<PageResult> BalanceAsync(HttpContext http, FormState form)
    {
        var account = http.Member().Account.Id;
        return new PageResult(typeof(BillingPage), new Dictionary<string, object?>
        {
            [nameof(BillingPage.Shell)] = http.Shell(),
            [nameof(BillingPage.Done)] = Sentence(http.Request.Query["done"].ToString()),
            [nameof(BillingPage.Balance)] = await ledger.BalanceAsync(new LedgerPartition(account, Livemode: true), http.RequestAborted),
            [nameof(BillingPage.Postpaid)] = (await postpaid.FindAsync(account, http.RequestAborted))?.Account ?? new PostpaidAccount(),
            [nameof(BillingPage.Automatic)] = (await topUps.FindAsync(account, http.RequestAborted))?.TopUp,
            [nameof(BillingPage.Options)] = options,
            [nameof(BillingPage.Form)] = form,
            [nameof(BillingPage.Once)] = entropy.NextId("", clock.GetUtcNow()),
        })
        { Policy = policy, Status = form.Status };
    }

    /// <param name="form">Null for what was set last.</param>
    public async Task<PageResult> AutomaticAsync(HttpContext http, FormState? form)
    {
        var set = (await topUps.FindAsync(http.Member().Account.Id, http.RequestAborted))?.TopUp;
        form ??= set is null ? FormState.Fresh : FormState.With(("threshold_usd", KeyForms.Typed(set.Terms.Threshold)), ("amount_usd", KeyForms.Typed(set.Terms.Amount)), ("monthly_cap_usd", KeyForms.Typed(set.Terms.MonthlyCap)));
        return Page.Answer<AutomaticTopUpPage>(
            form.Status,
            (nameof(AutomaticTopUpPage.Shell), http.Shell()),
            (nameof(AutomaticTopUpPage.Done), Sentence(http.Request.Query["done"].ToString())),
            (nameof(AutomaticTopUpPage.Set), set),
            (nameof(AutomaticTopUpPage.Options), options),
            (nameof(AutomaticTopUpPage.Form), form),
            (nameof(AutomaticTopUpPage.Now), clock.GetUtcNow()));
    }

    private static string? Sentence(string done) => done switch
    {
        "paid" => "The payment has arrived, and the credit can be used at once.",
        "subscribed" => "You are subscribed: what the account uses up to its limit is invoiced by the month.",
        "processing" => "Your payment is on its way. The credit comes by itself as soon as the money arrives; with a bank transfer that can take some days.",
        "in_review" => "Your payment has arrived, and somebody has to look at it before its credit can be used. Please do not pay again.",
        "open" or "expired" or "not-paid" => "Nothing was paid, and no card was charged.",
        "ended" => "The subscription has ended, with a last invoice.",
        "on" => "Automatic top-ups are on.",
        "off" => "Automatic top-ups are off.",
        _ => null,
    };
}
