using Microsoft.Extensions.Options;
using ServerlessImages.Accounts;
using ServerlessImages.Api.Http;
using ServerlessImages.Api.Operators;
using ServerlessImages.Billing;
using ServerlessImages.Operators;

namespace ServerlessImages.Api.Billing;

/// <summary>What an operator does to billing.</summary>
internal static class BillingDeskApi
{
    private const int ReasonCharactersMax = 500;

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

    private static Task SetCreditLimitAsync(string id, HttpContext http, BillingDesk desk, AccountDirectory accounts, IOptions<OperatorOptions> options, ErrorWriter errors)
    {
        return http.AnswerAsync(errors, SetAsync, set => BillingAnswers.CreditLimit(id, set));

        async Task<Result<PostpaidAccount>> SetAsync()
        {
            if (!(await http.ReadJsonAsync(fields => (Limit: fields.Dollars("credit_limit_usd", orNone: true), Reason: fields.Text("reason", ReasonCharactersMax)))).TryGet(out var body, out var error)) return error;
            if (body.Limit is not { } limit) return ApiError.MissingParameter("credit_limit_usd");
            if (body.Reason is null) return ApiError.MissingParameter("reason");
            if (limit > Money.Dollars(options.Value.CreditLimitUsdMax)) return ApiError.InvalidValue("credit_limit_usd", $"at most {options.Value.CreditLimitUsdMax} dollars (Operator:CreditLimitUsdMax)");
            if (await accounts.FindAsync(id, http.RequestAborted) is not { } account) return ApiError.AccountNotFound;
            return await desk.SetCreditLimitAsync(http.Operator(), account, limit, body.Reason, http.RequestAborted);
        }
    }
}
