using ServerlessImages.Accounts;
using ServerlessImages.Api.Http;
using ServerlessImages.Api.Keys;
using ServerlessImages.Keys;
using ServerlessImages.Ledger;

namespace ServerlessImages.Api.Operators;

/// <summary>The accounts that there are, and what an operator changes about one. An operator sees an account's data, and never acts as its owner.</summary>
internal static class AccountDeskApi
{
    private const string Accounts = "/operator/v1/accounts";
    private const string One = Accounts + "/{id}";

    public static void MapAccountDesk(this WebApplication app)
    {
        app.MapGet(Accounts, ListAsync).RequireOperator(OperatorAccess.Read);
        app.MapPut(One + "/plan", ChangePlanAsync).RequireOperator(OperatorAccess.Write).TakeJson();
        app.MapPut(One + "/freeze", FreezeAsync).RequireOperator(OperatorAccess.Write).TakeJson();
        app.MapPost(One + "/refunds", RefundAsync).RequireOperator(OperatorAccess.Write).TakeJson();
        app.MapPost(One + "/adjustments", AdjustAsync).RequireOperator(OperatorAccess.Write).TakeJson();
        app.MapGet(One + "/keys", ListKeysAsync).RequireOperator(OperatorAccess.Read);
        app.MapPost(One + "/keys/{keyId}/revoke", RevokeKeyAsync).RequireOperator(OperatorAccess.Write).TakeJson();
        app.MapPut(One + "/keys/{keyId}/disable", SwitchKeyAsync).RequireOperator(OperatorAccess.Write).TakeJson();
    }

    private static Task ListAsync(HttpContext http, AccountIndex index, AccountDirectory accounts, ErrorWriter errors)
    {
        return http.AnswerAsync(errors, FindAsync, OperatorAnswers.Accounts);

        async Task<Result<(IReadOnlyList<Account> Accounts, string? NextCursor)>> FindAsync()
        {
            if (!PageQuery.Read(http.Request).TryGet(out var page, out var error)) return error;
            var text = http.Request.Query["search"].ToString();
            if (text.Length > AccountActs.WordCharactersMax) return ApiError.InvalidValue("search", $"at most {AccountActs.WordCharactersMax} characters");
            var found = await index.FindAsync(text, page.After ?? "", page.Limit + 1, http.RequestAborted);
            var listed = await Task.WhenAll(found.Take(page.Limit).DistinctBy(each => each.AccountId).Select(each => accounts.FindAsync(each.AccountId, http.RequestAborted)));
            return (listed.OfType<Account>().ToArray(), found.Count > page.Limit ? found[page.Limit - 1].Cursor : null);
        }
    }

    private static Task ChangePlanAsync(string id, HttpContext http, AccountActs acts, ErrorWriter errors)
    {
        return http.AnswerAsync(errors, ChangeAsync, OperatorAnswers.Account);

        async Task<Result<Account>> ChangeAsync()
        {
            if (!(await http.ReadJsonAsync(fields => (Plan: fields.Text("plan", AccountActs.WordCharactersMax), Reason: fields.Text("reason", AccountActs.ReasonCharactersMax)))).TryGet(out var body, out var error)) return error;
            return await acts.ChangePlanAsync(http.Operator(), id, body.Plan, body.Reason, http.RequestAborted);
        }
    }

    private static Task FreezeAsync(string id, HttpContext http, AccountActs acts, ErrorWriter errors)
    {
        return http.AnswerAsync(errors, ChangeAsync, balance => OperatorAnswers.Frozen(id, balance));

        async Task<Result<Balance>> ChangeAsync()
        {
            if (!(await http.ReadJsonAsync(fields => (IsFrozen: fields.Flag("frozen"), Reason: fields.Text("reason", AccountActs.ReasonCharactersMax)))).TryGet(out var body, out var error)) return error;
            return await acts.FreezeAsync(http.Operator(), id, body.IsFrozen, body.Reason, http.RequestAborted);
        }
    }

    private static Task RefundAsync(string id, HttpContext http, AccountActs acts, ErrorWriter errors)
    {
        return http.AnswerAsync(errors, GiveBackAsync, entry => OperatorAnswers.Posted("refund", entry));

        async Task<Result<LedgerEntry>> GiveBackAsync()
        {
            if (!(await http.ReadJsonAsync(fields => (Request: fields.Text("request_id", AccountActs.WordCharactersMax), Reason: fields.Text("reason", AccountActs.ReasonCharactersMax)))).TryGet(out var body, out var error)) return error;
            return await acts.RefundAsync(http.Operator(), id, body.Request, body.Reason, http.RequestAborted);
        }
    }

    private static Task AdjustAsync(string id, HttpContext http, AccountActs acts, ErrorWriter errors)
    {
        return http.AnswerAsync(errors, TakeBackAsync, entry => OperatorAnswers.Posted("adjustment", entry));

        async Task<Result<LedgerEntry>> TakeBackAsync()
        {
            if (!(await http.ReadJsonAsync(fields => (Amount: fields.Dollars("take_back_usd"), Reason: fields.Text("reason", AccountActs.ReasonCharactersMax)))).TryGet(out var body, out var error)) return error;
            if (IdempotencyHeader.TryRead(http.Request, out var key) is { } wrong) return wrong;
            return await acts.TakeBackAsync(http.Operator(), id, body.Amount, body.Reason, key, http.RequestAborted);
        }
    }

    private static Task ListKeysAsync(string id, HttpContext http, ApiKeyDirectory keys, KeyList list, AccountDirectory accounts, TimeProvider clock, ErrorWriter errors)
    {
        return http.AnswerAsync(errors, PageAsync, page => KeyAnswers.Page(page, clock.GetUtcNow()));

        async Task<Result<KeyPage>> PageAsync()
        {
            if (!PageQuery.Read(http.Request).TryGet(out var page, out var error)) return error;
            if (await accounts.FindAsync(id, http.RequestAborted) is not { } account) return ApiError.AccountNotFound;
            if (!KeyQuery.Read(http.Request, account.Id).TryGet(out var query, out error)) return error;
            var after = page.After is { } last && ApiKeyText.IsKeyId(last) ? await keys.FindAsync(last, http.RequestAborted) : null;
            if (page.After is not null && after?.Partition != query.Partition) return ApiError.KeyNotFound;
            return await list.PageAsync(query.Partition, query.Revoked, after, page.Limit, http.RequestAborted);
        }
    }

    private static Task RevokeKeyAsync(string id, string keyId, HttpContext http, AccountActs acts, TimeProvider clock, ErrorWriter errors)
    {
        return http.AnswerAsync(errors, RevokeAsync, key => KeyAnswers.Key(new(key, null), clock.GetUtcNow()));

        async Task<Result<ApiKey>> RevokeAsync()
        {
            if (!(await http.ReadJsonAsync(fields => fields.Text("reason", AccountActs.ReasonCharactersMax) ?? "")).TryGet(out var reason, out var error)) return error;
            return await acts.RevokeKeyAsync(http.Operator(), id, keyId, reason.Length == 0 ? null : reason, http.RequestAborted);
        }
    }

    private static Task SwitchKeyAsync(string id, string keyId, HttpContext http, AccountActs acts, TimeProvider clock, ErrorWriter errors)
    {
        return http.AnswerAsync(errors, SwitchAsync, key => KeyAnswers.Key(new(key, null), clock.GetUtcNow()));

        async Task<Result<ApiKey>> SwitchAsync()
        {
            if (!(await http.ReadJsonAsync(fields => (IsOff: fields.Flag("disabled"), Reason: fields.Text("reason", AccountActs.ReasonCharactersMax)))).TryGet(out var body, out var error)) return error;
            return await acts.SwitchKeyAsync(http.Operator(), id, keyId, body.IsOff, body.Reason, http.RequestAborted);
        }
    }
}
