using Microsoft.Extensions.Options;
using ServerlessImages.Api.Http;
using ServerlessImages.Api.Operators;
using ServerlessImages.Billing;
using ServerlessImages.Operators;

namespace ServerlessImages.Api.Billing;

/// <summary>What an operator does to billing.</summary>
internal static class BillingDeskApi
{
    public static void MapBillingDesk(this WebApplication app)
    {
        if (!app.Services.GetRequiredService<IOptions<OperatorOptions>>().Value.IsOn) return;
        app.MapPost("/operator/v1/billing/setup", SetUpAsync).RequireOperator(OperatorAccess.Write).TakeJson();
        app.MapPut("/operator/v1/accounts/{id}/credit-limit", SetCreditLimitAsync).RequireOperator(OperatorAccess.Write).TakeJson();
        app.MapBillingProblems();
    }

    private static Task SetUpAsync(HttpContext http, BillingDesk desk, ErrorWriter errors)
    {
        return http.AnswerAsync(errors, SetAsync, BillingAnswers.SetUp);

        async Task<Result<UsageCatalog>> SetAsync()
        {
            if (!(await http.ReadJsonAsync(_ => true)).TryGet(out _, out var error)) return error;
            return await desk.SetUpAsync(http.Operator(), http.RequestAborted);
        }
    }

    private static Task SetCreditLimitAsync(string id, HttpContext http, AccountActs acts, ErrorWriter errors)
    {
        return http.AnswerAsync(errors, SetAsync, set => BillingAnswers.CreditLimit(id, set));

        async Task<Result<PostpaidAccount>> SetAsync()
        {
            if (!(await http.ReadJsonAsync(fields => (Limit: fields.Dollars("credit_limit_usd", orNone: true), Reason: fields.Text("reason", AccountActs.ReasonCharactersMax)))).TryGet(out var body, out var error)) return error;
            return await acts.SetCreditLimitAsync(http.Operator(), id, body.Limit, body.Reason, http.RequestAborted);
        }
    }
}
