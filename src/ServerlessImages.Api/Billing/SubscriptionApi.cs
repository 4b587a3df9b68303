using ServerlessImages.Api.Http;
using ServerlessImages.Billing;

namespace ServerlessImages.Api.Billing;

/// <summary>The subscription of an account that pays later. It is begun on a checkout's page.</summary>
internal static class SubscriptionApi
{
    public static async Task FindAsync(HttpContext http, PostpaidAccounts accounts) =>
        await BillingAnswers.Subscription((await accounts.FindAsync(http.Caller().Account.Id, http.RequestAborted))?.Account ?? new PostpaidAccount()).ExecuteAsync(http);

    public static Task EndAsync(HttpContext http, EndSubscription end, ErrorWriter errors) =>
        http.AnswerAsync(errors, () => end.RunAsync(http.Caller().Account.Id, http.RequestAborted), BillingAnswers.Subscription);
}
