using ServerlessImages.Abuse;
using ServerlessImages.Api.Abuse;
using ServerlessImages.Api.Http;
using ServerlessImages.Keys;
using ServerlessImages.Ledger;

namespace ServerlessImages.Api.Balances;

internal static class BalanceApi
{
    public static void MapBalance(this WebApplication app)
    {
        foreach (var prefix in ApiPrefix.Plain) app.MapGet(prefix + "/balance", GetAsync).RequireScope(Scope.UsageRead);
    }

    private static async Task<IResult> GetAsync(HttpContext http, AccountLedger ledger, Ladder ladder, TimeProvider clock)
    {
        var caller = http.Caller();
        var balance = await ledger.BalanceAsync(caller.Partition, http.RequestAborted);
        return Results.Json(new
        {
            @object = "balance",
            available_usd = balance.Available.ToString(),
            expiring = balance.Expiring.Coming.Select(grant => new { grant_id = grant.GrantId, amount_usd = grant.Left.ToString(), expires_at = grant.ExpiresAt.ToUnixTimeSeconds() }),
            held_usd = (balance.Held + balance.OwedHeld).ToString(),
            debt_usd = balance.Debt.ToString(),
            credit_limit_usd = balance.Limit.ToString(),
            credit_available_usd = balance.AvailableCredit.ToString(),
            owed_usd = balance.Unpaid.ToString(),
            standing = ConductAnswers.Standing(balance, ladder.For(caller.Plan.Name), clock.GetUtcNow()),
            currency = "usd",
            livemode = caller.Key.Livemode,
        });
    }
}
