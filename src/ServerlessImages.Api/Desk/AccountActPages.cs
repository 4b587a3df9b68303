using ServerlessImages.Accounts;
using ServerlessImages.Api.Desk.Pages;
using ServerlessImages.Api.Operators;
using ServerlessImages.Api.Pages;
using ServerlessImages.Api.Portal;
using ServerlessImages.Images;
using ServerlessImages.Ledger;

namespace ServerlessImages.Api.Desk;

/// <summary>What an operator does to an account, each act on a page of its own with its reason: asked by GET, done by POST, once for each form that was made.</summary>
internal static class AccountActPages
{
    private const string Once = "once";
    private const string Reason = "reason";

    /// <summary>What is said after each, by the word in the address.</summary>
    private static readonly Dictionary<string, string> Sentences = new()
    {
        ["granted"] = "The credit is there.",
        ["refunded"] = "What the request was charged is credit again.",
        ["taken-back"] = "The credit was taken back.",
        ["plan-changed"] = "The account is on another plan. Every instance goes by it within 30 seconds.",
        ["limit-set"] = "The credit limit was set.",
        ["frozen"] = "The account is frozen: nothing may be spent.",
        ["unfrozen"] = "The account may spend again, unless something else stops it.",
        ["forgiven"] = "The strikes are forgiven.",
        ["disabled"] = "The key is switched off.",
        ["enabled"] = "The key is switched on.",
        ["revoked"] = "The key is revoked.",
    };

    public static string? SentenceOf(string done) => Sentences.GetValueOrDefault(done);

    public static void MapAccountActs(this WebApplication app)
    {
        app.MapAct("/grant", "granted", GrantForm, fields => (Amount: fields.Dollars("amount_usd"), LastDay: fields.Day("last_day")), (acts, call, typed) => GrantAsync(acts, call, typed.Amount, typed.LastDay));
        app.MapAct("/refund", "refunded", RefundForm, fields => fields.Text("request_id", AccountActs.WordCharactersMax), (acts, call, request) => ErrorOf(acts.RefundAsync(call.Who, call.AccountId, request, call.Reason, call.Cancel)));
        app.MapAct("/take-back", "taken-back", TakeBackForm, fields => fields.Dollars("take_back_usd"), (acts, call, amount) => ErrorOf(acts.TakeBackAsync(call.Who, call.AccountId, amount, call.Reason, call.Once, call.Cancel)));
        app.MapAct("/plan", "plan-changed", PlanForm, fields => fields.Text("plan", AccountActs.WordCharactersMax), (acts, call, plan) => ErrorOf(acts.ChangePlanAsync(call.Who, call.AccountId, plan, call.Reason, call.Cancel)));
        app.MapAct("/credit-limit", "limit-set", LimitForm, fields => fields.Dollars("credit_limit_usd", orNone: true), (acts, call, limit) => ErrorOf(acts.SetCreditLimitAsync(call.Who, call.AccountId, limit, call.Reason, call.Cancel)));
        app.MapAct("/freeze", "frozen", FreezeForm, _ => true, (acts, call, isFrozen) => ErrorOf(acts.FreezeAsync(call.Who, call.AccountId, isFrozen, call.Reason, call.Cancel)));
        app.MapAct("/unfreeze", "unfrozen", UnfreezeForm, _ => false, (acts, call, isFrozen) => ErrorOf(acts.FreezeAsync(call.Who, call.AccountId, isFrozen, call.Reason, call.Cancel)));
        app.MapAct("/clear-strikes", "forgiven", ClearForm, _ => true, (acts, call, _) => ErrorOf(acts.ClearStrikesAsync(call.Who, call.AccountId, call.Reason, call.Cancel)));
        app.MapAct("/keys/{keyId}/disable", "disabled", DisableForm, _ => true, (acts, call, isOff) => ErrorOf(acts.SwitchKeyAsync(call.Who, call.AccountId, call.KeyId, isOff, call.Reason, call.Cancel)));
        app.MapAct("/keys/{keyId}/enable", "enabled", EnableForm, _ => false, (acts, call, isOff) => ErrorOf(acts.SwitchKeyAsync(call.Who, call.AccountId, call.KeyId, isOff, call.Reason, call.Cancel)));
        app.MapAct("/keys/{keyId}/revoke", "revoked", RevokeForm, _ => true, (acts, call, _) => ErrorOf(acts.RevokeKeyAsync(call.Who, call.AccountId, call.KeyId, call.Reason, call.Cancel)));
    }

    /// <param name="form">What is asked.</param>
    /// <param name="read">The act's own fields.</param>
    /// <param name="run">Does it; what is refused comes back.</param>
    private static void MapAct<T>(this WebApplication app, string path, string done, Func<HttpContext, AccountHead, string, ActForm> form, Func<PageFields, T> read, Func<AccountActs, ActCall, T, Task<ApiError?>> run)
    {
        var isOfKey = path.StartsWith("/keys/", StringComparison.Ordinal);
        app.MapGet(DeskPaths.Account + path, async http => await (await ShowAsync(http, form, FormState.Fresh)).ExecuteAsync(http)).RequireDesk(OperatorAccess.Write).AsPage();
        app.MapPost(DeskPaths.Account + path, async http => await (await DoAsync(http)).ExecuteAsync(http)).RequireDesk(OperatorAccess.Write).TakeForm().AsPage();

        async Task<IResult> DoAsync(HttpContext http)
        {
            var sent = await http.ReadPageFormAsync(fields => (Own: read(fields), Once: fields.Text(Once, AccountActs.WordCharactersMax), Reason: fields.Text(Reason, AccountActs.ReasonCharactersMax)));
            var error = sent.Error ?? (sent.Value.Once is null ? ApiError.MissingParameter(Once) : null);
            error ??= await run(http.RequestServices.GetRequiredService<AccountActs>(), new(http, IdOf(http), KeyOf(http), sent.Value.Once!, sent.Value.Reason), sent.Value.Own);
            if (error is null) return Results.Redirect($"{DeskPaths.AccountOf(IdOf(http), isOfKey ? "/keys" : "")}?done={done}");

            // Whoever comes back to a form that was done, and sends it with something else, means a second act: that takes a form of its own.
            var shown = error == ApiError.IdempotencyKeyReused ? error with { Message = "This form was sent before with other values, and done then. Look at the ledger; to do another one as well, send it once more.", Param = null } : error;
            return await ShowAsync(http, form, sent.Wrong(shown));
        }
    }

    private static async Task<IResult> ShowAsync(HttpContext http, Func<HttpContext, AccountHead, string, ActForm> form, FormState typed)
    {
        var services = http.RequestServices;
        if (await services.GetRequiredService<AccountDirectory>().FindAsync(IdOf(http), http.RequestAborted) is not { } account) return new PortalRefusal(ApiError.AccountNotFound);
        if (KeyOf(http) is { Length: > 0 } keyId && !(await services.GetRequiredService<AccountActs>().KeyAsync(account.Id, keyId, http.RequestAborted)).TryGet(out _, out var error)) return new PortalRefusal(error);

        var head = new AccountHead(account, await services.GetRequiredService<AccountLedger>().BalanceAsync(new(account.Id, Livemode: true), http.RequestAborted));
        var once = services.GetRequiredService<IEntropy>().NextId("desk_", services.GetRequiredService<TimeProvider>().GetUtcNow());
        return Page.Answer<ActPage>(
            typed.Status,
            (nameof(ActPage.Shell), http.Desk()),
            (nameof(ActPage.Head), head),
            (nameof(ActPage.Act), form(http, head, KeyOf(http))),
            (nameof(ActPage.Form), typed),
            (nameof(ActPage.Once), once));
    }

    private static async Task<ApiError?> GrantAsync(AccountActs acts, ActCall call, Money? amount, DateOnly? lastDay)
    {
        var today = DateOnly.FromDateTime(call.Http.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow().UtcDateTime);
        if (lastDay < today || lastDay >= today.AddYears(AccountActs.GrantYearsMax)) return ApiError.InvalidValue("last_day", $"a day from today on, within {AccountActs.GrantYearsMax} years");
        DateTimeOffset? expiresAt = lastDay is { } day ? new DateTimeOffset(day.AddDays(1).ToDateTime(TimeOnly.MinValue), TimeSpan.Zero) : null;
        return await ErrorOf(acts.GrantAsync(call.Who, call.AccountId, amount, expiresAt, call.Reason, call.Once, call.Cancel));
    }

    private static async Task<ApiError?> ErrorOf<T>(Task<Result<T>> work)
        where T : notnull => (await work).TryGet(out _, out var error) ? null : error;

    private static ActForm GrantForm(HttpContext http, AccountHead head, string keyId) => new("Grant credit", "Prepaid credit is added, as an entry of the ledger. No money moves at Stripe.", BackOf(head))
    {
        Fields = [Dollars("amount_usd", "Amount in dollars"), new("last_day", "Good until the end of (UTC)") { Type = "date", IsOptional = true, Hint = "What is left then expires. Empty: it never does." }],
    };

    private static ActForm RefundForm(HttpContext http, AccountHead head, string keyId) => new("Refund a request", "All that the request was charged becomes credit again: once for each request, however often it is asked.", BackOf(head))
    {
        Fields = [new("request_id", "Request") { Value = http.Request.Query["request"].ToString() is var asked && FindRequest.IsId(asked) ? asked : null, Hint = "Its id, such as req_ and 32 digits." }],
    };

    private static ActForm TakeBackForm(HttpContext http, AccountHead head, string keyId) => new("Take credit back", $"At most what is available, ${head.Balance.Available}. A payment goes back to the payer in Stripe, not here.", BackOf(head))
    {
        IsDangerous = true,
        Fields = [Dollars("take_back_usd", "Amount in dollars")],
    };

    private static ActForm PlanForm(HttpContext http, AccountHead head, string keyId) => new("Change the plan", "Markup, pace and open requests go by the plan, for requests from then on.", BackOf(head))
    {
        Fields = [new("plan", "Plan") { Value = head.Account.Plan, Choices = [.. http.RequestServices.GetRequiredService<PlanCatalog>().All.Select(plan => plan.Name)] }],
    };

    private static ActForm LimitForm(HttpContext http, AccountHead head, string keyId) => new("Set the credit limit", $"How much the account may owe and pay by invoice, once it has a subscription. Now ${head.Balance.Limit}; $0 takes it away.", BackOf(head))
    {
        Fields = [Dollars("credit_limit_usd", "Limit in dollars")],
    };

    private static ActForm FreezeForm(HttpContext http, AccountHead head, string keyId) => new("Freeze the account", "Nothing may be spent, at once and on every instance. Requests that run go on to their end. Its owners see it and may read.", BackOf(head)) { IsDangerous = true };

    private static ActForm UnfreezeForm(HttpContext http, AccountHead head, string keyId) => new("Let the account go on", "It may spend again, unless something else stops it.", BackOf(head));

    private static ActForm ClearForm(HttpContext http, AccountHead head, string keyId) => new("Forgive the strikes", "What the content filter refused counts no longer, and the account may draw again. The record stays.", BackOf(head));

    private static ActForm DisableForm(HttpContext http, AccountHead head, string keyId) => new($"Switch off the key {keyId}", "Spending with it ends at once. Its owners can switch it on again: what must stay off is revoked.", KeysOf(head)) { IsDangerous = true };

    private static ActForm EnableForm(HttpContext http, AccountHead head, string keyId) => new($"Switch on the key {keyId}", "It may spend again.", KeysOf(head));

    private static ActForm RevokeForm(HttpContext http, AccountHead head, string keyId) => new($"Revoke the key {keyId}", "Spending with it ends at once, reading within 30 seconds. This cannot be undone.", KeysOf(head)) { IsDangerous = true };

    private static ActField Dollars(string id, string label) => new(id, label) { Hint = "Such as 12.50; at most six places." };

    private static string BackOf(AccountHead head) => DeskPaths.AccountOf(head.Account.Id);

    private static string KeysOf(AccountHead head) => DeskPaths.AccountOf(head.Account.Id, "/keys");

    private static string IdOf(HttpContext http) => (string)http.Request.RouteValues["id"]!;

    private static string KeyOf(HttpContext http) => (string?)http.Request.RouteValues["keyId"] ?? "";
}
