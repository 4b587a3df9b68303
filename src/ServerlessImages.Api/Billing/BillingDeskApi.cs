using Microsoft.Extensions.Options;
using ServerlessImages.Api.Http;
using ServerlessImages.Api.Operators;
using ServerlessImages.Operators;

namespace ServerlessImages.Api.Billing;

/// <summary>What an operator does to billing.</summary>
internal static class BillingDeskApi
{
    public static void MapBillingDesk(this WebApplication app)
    {
        if (!app.Services.GetRequiredService<IOptions<OperatorOptions>>().Value.IsOn) return;
        app.MapPost("/operator/v1/billing/setup", SetUpAsync).RequireOperator(OperatorAccess.Write).TakeJson();
        app.MapBillingProblems();
    }

    private static Task SetUpAsync(HttpContext http, BillingDesk desk, ErrorWriter errors)
    {
        return http.AnswerAsync(errors, SetAsync, BillingAnswers.SetUp);

        async Task<Result<ServerlessImages.Billing.UsageCatalog>> SetAsync()
        {
            if (!(await http.ReadJsonAsync(_ => true)).TryGet(out _, out var error)) return error;
            return await desk.SetUpAsync(http.Operator(), http.RequestAborted);
        }
    }
}
