using ServerlessImages.Api.Http;
using ServerlessImages.Api.Operators;
using ServerlessImages.Billing;

namespace ServerlessImages.Api.Billing;

/// <summary>What of billing wants an operator's eye.</summary>
internal static class BillingProblemsApi
{
    public static void MapBillingProblems(this WebApplication app) => app.MapGet("/operator/v1/billing/problems", ListAsync).RequireOperator(OperatorAccess.Read);

    private static Task ListAsync(HttpContext http, BillingInbox inbox, ErrorWriter errors)
    {
        return http.AnswerAsync(errors, ReadAsync, BillingAnswers.Problems);

        async Task<Result<(IReadOnlyList<BillingProblem> Problems, bool HasMore)>> ReadAsync()
        {
            if (!PageQuery.Read(http.Request).TryGet(out var page, out var error)) return error;
            var problems = await inbox.ProblemsAsync(page.After ?? "", page.Limit + 1, http.RequestAborted);
            return (problems.Take(page.Limit).ToArray(), problems.Count > page.Limit);
        }
    }
}
