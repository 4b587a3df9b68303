using Microsoft.Extensions.Options;
using ServerlessImages.Abuse;
using ServerlessImages.Accounts;
using ServerlessImages.Api.Http;
using ServerlessImages.Api.Operators;
using ServerlessImages.Ledger;

namespace ServerlessImages.Api.Abuse;

/// <summary>What an operator sees of accounts whose prompts the content filter refuses, and does about it.</summary>
internal static class AbuseApi
{
    private const string Accounts = "/operator/v1/abuse/accounts";
    private const int StrikesMax = 100;

    public static void AddAbuse(this IServiceCollection services) => services.AddSingleton<ConductDesk>();

    public static void MapAbuse(this WebApplication app)
    {
        if (!app.Services.GetRequiredService<IOptions<OperatorOptions>>().Value.IsOn) return;
        app.MapGet(Accounts, ListAsync).RequireOperator(OperatorAccess.Read);
        app.MapGet(Accounts + "/{id}", FindAsync).RequireOperator(OperatorAccess.Read);
        app.MapPost(Accounts + "/{id}/clear", ClearAsync).RequireOperator(OperatorAccess.Write).TakeJson();
    }

    private static Task ListAsync(HttpContext http, StruckAccounts struck, Ladder ladder, TimeProvider clock, ErrorWriter errors)
    {
        return http.AnswerAsync(errors, PageAsync, page => ConductAnswers.List(page, ladder, clock.GetUtcNow()));

        async Task<Result<(IReadOnlyList<StruckAccount> Accounts, string? Cursor)>> PageAsync()
        {
            if (!PageQuery.Read(http.Request).TryGet(out var page, out var error)) return error;
            return await struck.PageAsync(page.After ?? "", page.Limit, http.RequestAborted);
        }
    }

    private static Task FindAsync(string id, HttpContext http, AccountDirectory accounts, AccountLedger ledger, Ladder ladder, TimeProvider clock, ErrorWriter errors)
    {
        return http.AnswerAsync(errors, StrikesAsync, found => ConductAnswers.Strikes(found, ladder.For(found.Plan), clock.GetUtcNow()));

        async Task<Result<(LedgerPartition Partition, Balance Balance, IReadOnlyList<StrikeRow> Strikes, string Plan)>> StrikesAsync()
        {
            if (await accounts.FindAsync(id, http.RequestAborted) is not { } account) return ApiError.AccountNotFound;
            var partition = new LedgerPartition(id, Livemode: true);
            var balance = await ledger.BalanceAsync(partition, http.RequestAborted);
            return (partition, balance, await ledger.StrikesAsync(partition, balance, StrikesMax, http.RequestAborted), account.Plan);
        }
    }

    private static Task ClearAsync(string id, HttpContext http, AccountActs acts, Ladder ladder, TimeProvider clock, ErrorWriter errors)
    {
        return http.AnswerAsync(errors, ClearOnceAsync, balance => ConductAnswers.Cleared(new LedgerPartition(id, Livemode: true), balance, ladder, clock.GetUtcNow()));

        async Task<Result<Balance>> ClearOnceAsync()
        {
            if (!(await http.ReadJsonAsync(fields => fields.Text("reason", AccountActs.ReasonCharactersMax) ?? "")).TryGet(out var reason, out var error)) return error;
            return await acts.ClearStrikesAsync(http.Operator(), id, reason.Length == 0 ? null : reason, http.RequestAborted);
        }
    }
}
