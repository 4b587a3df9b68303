using ServerlessImages.Api.Http;
using ServerlessImages.Keys;
using ServerlessImages.Ledger;

namespace ServerlessImages.Api.Limits;

/// <summary>What one key or one end user may spend, and how fast. Checked in the transaction of every hold.</summary>
internal static class LimitsApi
{
    private const int EndUserCharactersMax = 256;

    public static void MapLimits(this WebApplication app)
    {
        foreach (var prefix in ApiPrefix.Plain)
        {
            app.MapGet(prefix + "/keys/{id}/limits", FindOfKeyAsync).RequireScope(Scope.KeysManage, Scope.UsageRead);
            app.MapPut(prefix + "/keys/{id}/limits", SetOfKeyAsync).RequireScope(Scope.KeysManage).TakeJson();
            app.MapGet(prefix + "/end-users/{id}/limits", FindOfEndUserAsync).RequireScope(Scope.KeysManage, Scope.UsageRead);
            app.MapPut(prefix + "/end-users/{id}/limits", SetOfEndUserAsync).RequireScope(Scope.KeysManage).TakeJson();
        }
    }

    private static async Task FindOfKeyAsync(string id, HttpContext http, ApiKeyDirectory keys, AccountLedger ledger, ErrorWriter errors)
    {
        if (await OwnAsync(http, keys, id) is { } key) await FindAsync(http, ledger, LedgerRows.KeyBudget(key.BudgetId), id);
        else await errors.WriteAsync(http, ApiError.KeyNotFound);
    }

    private static async Task SetOfKeyAsync(string id, HttpContext http, ApiKeyDirectory keys, AccountLedger ledger, ErrorWriter errors)
    {
        if (await OwnAsync(http, keys, id) is { } key) await SetAsync(http, ledger, errors, LedgerRows.KeyBudget(key.BudgetId), id);
        else await errors.WriteAsync(http, ApiError.KeyNotFound);
    }

    private static async Task FindOfEndUserAsync(string id, HttpContext http, AccountLedger ledger, ErrorWriter errors)
    {
        if (EndUserError(id) is { } error) await errors.WriteAsync(http, error);
        else await FindAsync(http, ledger, LedgerRows.EndUserBudget(id), id);
    }

    private static async Task SetOfEndUserAsync(string id, HttpContext http, AccountLedger ledger, ErrorWriter errors)
    {
        if (EndUserError(id) is { } error) await errors.WriteAsync(http, error);
        else await SetAsync(http, ledger, errors, LedgerRows.EndUserBudget(id), id);
    }

    private static async Task FindAsync(HttpContext http, AccountLedger ledger, string row, string id)
    {
        var budget = await ledger.FindBudgetAsync(http.Caller().Partition, row, http.RequestAborted);
        await LimitsAnswer.WriteAsync(http, id, budget ?? Budget.Of(LedgerRows.OwnerOf(row), new BudgetLimits()));
    }

    private static async Task SetAsync(HttpContext http, AccountLedger ledger, ErrorWriter errors, string row, string id)
    {
        if ((await ReadAsync(http)).TryGet(out var limits, out var error)) await LimitsAnswer.WriteAsync(http, id, await ledger.SetBudgetAsync(http.Caller().Partition, row, limits));
        else await errors.WriteAsync(http, error);
    }

    private static async Task<Result<BudgetLimits>> ReadAsync(HttpContext http)
    {
        if (!(await JsonBody.ReadAsync(http.Request, http.RequestAborted)).TryGet(out var json, out var error)) return error;
        using var body = json;
        var fields = new JsonFields(json.RootElement);
        var limits = fields.Limits();
        return fields.FirstError is { } wrong ? wrong : limits;
    }

    private static async Task<ApiKey?> OwnAsync(HttpContext http, ApiKeyDirectory keys, string id) =>
        ApiKeyText.IsKeyId(id) && await keys.FindAsync(id, http.RequestAborted) is { } key && key.Partition == http.Caller().Partition ? key : null;

    private static ApiError? EndUserError(string id) => id.Length <= EndUserCharactersMax ? null : ApiError.InvalidValue("id", $"an end user of at most {EndUserCharactersMax} characters");
}
