using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using ServerlessImages.Accounts;
using ServerlessImages.Api.Desk;
using ServerlessImages.Api.Http;
using ServerlessImages.Keys;
using ServerlessImages.Ledger;
using ServerlessImages.Operators;
using ServerlessImages.Revenue;

namespace ServerlessImages.Api.Operators;

/// <summary>What an operator does: accounts, their keys and their credit. There only where a tenant is set.</summary>
internal static class OperatorApi
{
    private const string Accounts = "/operator/v1/accounts";
    private const int NameCharactersMax = 200;
    private const string PlanDefault = "standard";

    public static void AddOperators(this IServiceCollection services)
    {
        services.AddOptions<OperatorOptions>().BindConfiguration(OperatorOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.TryAddSingleton<OperatorTokens>();
        services.AddSingleton<AuditLog>();
        services.AddSingleton<OperatorDesk>();
        services.AddSingleton<AccountDesk>();
        services.AddSingleton<AccountActs>();
        services.AddSingleton<PriceDesk>();
        services.AddSingleton<TryPrice>();
        services.AddSingleton<ReadLive>();
        services.AddSingleton<ListHolds>();
        services.AddSingleton<ListIncidents>();
        services.AddSingleton<ListBooks>();
        services.AddSingleton<StandingOfDesk>();
    }

    public static void MapOperators(this WebApplication app)
    {
        if (!app.Services.GetRequiredService<IOptions<OperatorOptions>>().Value.IsOn) return;
        app.MapPost(Accounts, OpenAccountAsync).RequireOperator(OperatorAccess.Write).TakeJson();
        app.MapGet(Accounts + "/{id}", FindAccountAsync).RequireOperator(OperatorAccess.Read);
        app.MapPost(Accounts + "/{id}/keys", MintKeyAsync).RequireOperator(OperatorAccess.Write).TakeJson();
        app.MapPost(Accounts + "/{id}/grants", GrantAsync).RequireOperator(OperatorAccess.Write).TakeJson();
        app.MapAccountDesk();
        app.MapAccountUsage();
        app.MapRevenue();
        app.MapPrices();
        app.MapLive();
        app.MapOversight();
        app.MapGet("/operator/v1/audit", ListActsAsync).RequireOperator(OperatorAccess.Read);
    }

    private static Task OpenAccountAsync(HttpContext http, OperatorDesk desk, PlanCatalog plans, ErrorWriter errors)
    {
        return http.AnswerAsync(errors, OpenAsync, OperatorAnswers.Opened);

        async Task<Result<Account>> OpenAsync()
        {
            if (!(await http.ReadJsonAsync(fields => (Name: fields.Text("name", NameCharactersMax), Plan: fields.Text("plan", NameCharactersMax) ?? PlanDefault))).TryGet(out var body, out var error)) return error;
            if (body.Name is null) return ApiError.MissingParameter("name");
            if (!plans.Has(body.Plan)) return ApiError.InvalidValue("plan", "the name of a plan");
            if (IdempotencyHeader.TryRead(http.Request, out var key) is { } wrong) return wrong;
            return await desk.OpenAccountAsync(http.Operator(), body.Name, body.Plan, key, http.RequestAborted);
        }
    }

    private static Task FindAccountAsync(string id, HttpContext http, AccountDirectory accounts, AccountLedger ledger, ErrorWriter errors)
    {
        return http.AnswerAsync(errors, FindAsync, found => OperatorAnswers.Account(found.Account, accounts.PlanOf(found.Account), found.Balance));

        async Task<Result<(Account Account, Balance Balance)>> FindAsync()
        {
            if (await accounts.FindAsync(id, http.RequestAborted) is not { } account) return ApiError.AccountNotFound;
            return (account, await ledger.BalanceAsync(new LedgerPartition(id, Livemode: true), http.RequestAborted));
        }
    }

    private static Task MintKeyAsync(string id, HttpContext http, OperatorDesk desk, AccountDirectory accounts, ErrorWriter errors)
    {
        return http.AnswerAsync(errors, MintAsync, minted => OperatorAnswers.Minted(minted.Key, minted.Scopes));

        async Task<Result<(ApiKeyText Key, IReadOnlyList<string> Scopes)>> MintAsync()
        {
            if (!(await http.ReadJsonAsync(fields => fields.Words("scopes", Scope.All) ?? Scope.All)).TryGet(out var scopes, out var error)) return error;
            if (await accounts.FindAsync(id, http.RequestAborted) is not { } account) return ApiError.AccountNotFound;
            return (await desk.MintKeyAsync(http.Operator(), account, scopes, http.RequestAborted), scopes);
        }
    }

    private static Task GrantAsync(string id, HttpContext http, AccountActs acts, TimeProvider clock, ErrorWriter errors)
    {
        return http.AnswerAsync(errors, GrantOnceAsync, OperatorAnswers.Granted);

        async Task<Result<LedgerEntry>> GrantOnceAsync()
        {
            var now = clock.GetUtcNow();
            if (!(await http.ReadJsonAsync(fields => (Amount: fields.Dollars("amount_usd"), Reason: fields.Text("reason", AccountActs.ReasonCharactersMax), ExpiresAt: fields.Time("expires_at", now, now.AddYears(AccountActs.GrantYearsMax))))).TryGet(out var body, out var error)) return error;
            if (IdempotencyHeader.TryRead(http.Request, out var key) is { } wrong) return wrong;
            return await acts.GrantAsync(http.Operator(), id, body.Amount, body.ExpiresAt, body.Reason, key, http.RequestAborted);
        }
    }

    private static Task ListActsAsync(HttpContext http, AuditLog audit, ErrorWriter errors)
    {
        return http.AnswerAsync(errors, ListAsync, OperatorAnswers.Acts);

        async Task<Result<AuditPage>> ListAsync()
        {
            if (!PageQuery.Read(http.Request).TryGet(out var page, out var error)) return error;
            var account = http.Request.Query["account_id"].ToString();
            return await audit.PageAsync(account.Length == 0 ? null : account, page.After ?? "", page.Limit, http.RequestAborted);
        }
    }
}
