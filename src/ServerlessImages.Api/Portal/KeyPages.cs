using ServerlessImages.Api.Http;
using ServerlessImages.Api.Keys;
using ServerlessImages.Api.Limits;
using ServerlessImages.Api.Pages;
using ServerlessImages.Api.Portal.Pages.Keys;
using ServerlessImages.Images;
using ServerlessImages.Keys;
using ServerlessImages.Ledger;
using ServerlessImages.Members;

namespace ServerlessImages.Api.Portal;

/// <summary>An account's API keys, for members: the same use cases and rules as behind <see cref="KeysApi"/>. A key's text is in the answer to the form that made it, and nowhere else.</summary>
internal static class KeyPages
{
    private const int KeysPerPage = 20;

    public static void MapKeyPages(this WebApplication app)
    {
        app.MapGet(PortalPaths.Keys, ListAsync).RequireMember(PortalAction.ManageKeys).AsPage();
        app.MapGet(PortalPaths.NewKey, ShowNew).RequireMember(PortalAction.ManageKeys).AsPage();
        app.MapPost(PortalPaths.NewKey, CreateAsync).RequireMember(PortalAction.ManageKeys).TakeForm().AsPage();
        app.MapGet(PortalPaths.Key, ShowAsync).RequireMember(PortalAction.ManageKeys).AsPage();
        app.MapPost(PortalPaths.Key + "/name", RenameAsync).RequireMember(PortalAction.ManageKeys).TakeForm().AsPage();
        app.MapPost(PortalPaths.Key + "/switch", SwitchAsync).RequireMember(PortalAction.ManageKeys).TakeForm().AsPage();
        app.MapPost(PortalPaths.Key + "/limits", LimitAsync).RequireMember(PortalAction.ManageKeys).TakeForm().AsPage();
        app.MapGet(PortalPaths.Key + "/rotate", AskToRotateAsync).RequireMember(PortalAction.ManageKeys).AsPage();
        app.MapPost(PortalPaths.Key + "/rotate", RotateAsync).RequireMember(PortalAction.ManageKeys).TakeForm().AsPage();
        app.MapGet(PortalPaths.Key + "/revoke", AskToRevokeAsync).RequireMember(PortalAction.ManageKeys).AsPage();
        app.MapPost(PortalPaths.Key + "/revoke", RevokeAsync).RequireMember(PortalAction.ManageKeys).TakeForm().AsPage();
    }

    private static async Task<IResult> ListAsync(HttpContext http, ApiKeyDirectory keys, KeyList list, AccountLedger ledger, TimeProvider clock)
    {
        var fields = new QueryFields(http.Request.Query);
        var (mode, isRevoked, last) = (PortalModes.Read(fields), fields.Flag("revoked") ?? false, fields.OptionalText("after", KeyBodies.KeyCharactersMax));
        if (fields.FirstError is { } wrong) return new PortalRefusal(wrong);
        var partition = http.Member().Partition(mode);
        var after = last is null ? null : await keys.FindOwnAsync(partition.Account, last, http.RequestAborted);
        if (last is not null && after?.Partition != partition) return new PortalRefusal(ApiError.KeyNotFound);

        var page = await list.PageAsync(partition, isRevoked, after, KeysPerPage, http.RequestAborted);
        return Page.Of<KeysPage>(
            (nameof(KeysPage.Shell), http.Shell()),
            (nameof(KeysPage.Keys), page),
            (nameof(KeysPage.Budgets), await BudgetsAsync(http, ledger, partition, page, clock)),
            (nameof(KeysPage.Mode), mode),
            (nameof(KeysPage.IsRevoked), isRevoked),
            (nameof(KeysPage.IsFirst), after is null),
            (nameof(KeysPage.Now), clock.GetUtcNow()));
    }

    /// <summary>A point read for each key, and none where the account has no budgets.</summary>
    private static async Task<IReadOnlyDictionary<string, Budget>> BudgetsAsync(HttpContext http, AccountLedger ledger, LedgerPartition partition, KeyPage page, TimeProvider clock)
    {
        if ((await ledger.BalanceAsync(partition, http.RequestAborted)).Budgets == 0) return new Dictionary<string, Budget>();
        var hour = LedgerHour.Of(clock.GetUtcNow());
        var found = await Task.WhenAll(page.Keys.Select(async seen => (seen.Key.Id, Budget: await ledger.FindBudgetAsync(partition, LedgerRows.KeyBudget(seen.Key.BudgetId), http.RequestAborted))));
        return found.Where(each => each.Budget is not null).ToDictionary(each => each.Id, each => each.Budget!.At(hour));
    }

    private static PageResult ShowNew(HttpContext http, ModelCatalog models, TimeProvider clock) =>
        NewPage(http, models, clock, FormState.With(("mode", PortalModes.Read(new QueryFields(http.Request.Query)).ToWire()), ("scopes", string.Join('\n', Scope.ImagesGenerate, Scope.ImagesEdit, Scope.UsageRead))));

    private static PageResult NewPage(HttpContext http, ModelCatalog models, TimeProvider clock, FormState form) => Page.Answer<NewKeyPage>(
        form.Status,
        (nameof(NewKeyPage.Shell), http.Shell()),
        (nameof(NewKeyPage.Form), form),
        (nameof(NewKeyPage.Models), models.Models.Select(model => model.Id).ToArray()),
        (nameof(NewKeyPage.Today), DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime)));

    private static async Task<IResult> CreateAsync(HttpContext http, CreateApiKey create, ModelCatalog models, TimeProvider clock)
    {
        var form = await http.ReadPageFormAsync(fields => KeyForms.ReadNew(fields, models, http.Member().Role, clock.GetUtcNow()));
        if ((form.Error ?? KeyForms.ErrorOf(form.Value)) is { } wrong) return NewPage(http, models, clock, form.Wrong(wrong));
        var made = await create.RunAsync(new(http.Member().Account.Id, form.Value.Livemode), form.Value.Terms, form.Value.Limits, CancellationToken.None);
        return made.TryGet(out var minted, out var error) ? Minted(http, minted, replaced: null) : NewPage(http, models, clock, form.Wrong(error));
    }

    /// <param name="replaced">The key before it, as it is now.</param>
    private static PageResult Minted(HttpContext http, MintedKey minted, ApiKey? replaced) => Page.Of<KeyMadePage>(
        (nameof(KeyMadePage.Shell), http.Shell()),
        (nameof(KeyMadePage.Minted), minted),
        (nameof(KeyMadePage.Replaced), replaced));

    private static async Task<IResult> ShowAsync(string id, HttpContext http, ApiKeyDirectory keys, KeyList list, AccountLedger ledger, TimeProvider clock) =>
        await keys.FindOwnAsync(http.Member().Account.Id, id, http.RequestAborted) is { } key
            ? await PageOfAsync(http, key, list, ledger, clock, names: null, limits: null)
            : new PortalRefusal(ApiError.KeyNotFound);

    private static async Task<PageResult> PageOfAsync(HttpContext http, ApiKey key, KeyList list, AccountLedger ledger, TimeProvider clock, FormState? names, FormState? limits)
    {
        var now = clock.GetUtcNow();
        var budget = await ledger.FindBudgetAsync(key.Partition, LedgerRows.KeyBudget(key.BudgetId), http.RequestAborted);
        return Page.Answer<KeyDetailPage>(
            (names ?? limits ?? FormState.Fresh).Status,
            (nameof(KeyDetailPage.Shell), http.Shell()),
            (nameof(KeyDetailPage.Seen), await list.SeenAsync(key.Id, http.RequestAborted)),
            (nameof(KeyDetailPage.Budget), budget?.At(LedgerHour.Of(now))),
            (nameof(KeyDetailPage.Now), now),
            (nameof(KeyDetailPage.Names), names ?? FormState.With(("name", key.Name))),
            (nameof(KeyDetailPage.Limits), limits ?? KeyForms.Of(budget?.Limits ?? new BudgetLimits())),
            (nameof(KeyDetailPage.Done), DoneOf(http.Request.Query["done"])));
    }

    private static async Task<IResult> RenameAsync(string id, HttpContext http, ApiKeyDirectory keys, KeyList list, AccountLedger ledger, SwitchApiKey change, TimeProvider clock)
    {
        if (await keys.FindOwnAsync(http.Member().Account.Id, id, http.RequestAborted) is not { } key) return new PortalRefusal(ApiError.KeyNotFound);
        var form = await http.ReadPageFormAsync(fields => fields.Text("name", KeyBodies.NameCharactersMax));
        if ((form.Error ?? (form.Value is null ? ApiError.MissingParameter("name") : null)) is { } wrong) return await PageOfAsync(http, key, list, ledger, clock, form.Wrong(wrong), limits: null);
        return Go(id, "renamed", await change.RunAsync(key.Partition, id, form.Value, disabled: null, CancellationToken.None));
    }

    private static async Task<IResult> SwitchAsync(string id, HttpContext http, ApiKeyDirectory keys, SwitchApiKey change)
    {
        if (await keys.FindOwnAsync(http.Member().Account.Id, id, http.RequestAborted) is not { } key) return new PortalRefusal(ApiError.KeyNotFound);
        var form = await http.ReadPageFormAsync(fields => fields.Flag("disabled"));
        if (form.Error is { } error) return new PortalRefusal(error);
        return Go(id, form.Value == true ? "disabled" : "enabled", await change.RunAsync(key.Partition, id, name: null, form.Value, CancellationToken.None));
    }

    private static async Task<IResult> LimitAsync(string id, HttpContext http, ApiKeyDirectory keys, KeyList list, AccountLedger ledger, TimeProvider clock)
    {
        if (await keys.FindOwnAsync(http.Member().Account.Id, id, http.RequestAborted) is not { } key) return new PortalRefusal(ApiError.KeyNotFound);
        var form = await http.ReadPageFormAsync(fields => fields.Limits());
        if (form.Error is { } wrong) return await PageOfAsync(http, key, list, ledger, clock, names: null, form.Wrong(wrong));
        await ledger.SetBudgetAsync(key.Partition, LedgerRows.KeyBudget(key.BudgetId), form.Value);
        return Go(id, "limited");
    }

    private static async Task<IResult> AskToRotateAsync(string id, HttpContext http, ApiKeyDirectory keys) =>
        await keys.FindOwnAsync(http.Member().Account.Id, id, http.RequestAborted) is { } key
            ? Page.Of<RotateKeyPage>((nameof(RotateKeyPage.Shell), http.Shell()), (nameof(RotateKeyPage.Key), key))
            : new PortalRefusal(ApiError.KeyNotFound);

    private static async Task<IResult> RotateAsync(string id, HttpContext http, ApiKeyDirectory keys, RotateApiKey rotate)
    {
        if (await keys.FindOwnAsync(http.Member().Account.Id, id, http.RequestAborted) is not { } key) return new PortalRefusal(ApiError.KeyNotFound);

        // Whoever rotates a key gets one that may the same.
        if (key.Scopes.Except(PortalPermissions.ScopesOf(http.Member().Role)).Any()) return new PortalRefusal(ApiError.NotAllowedHere);
        var form = await Overlap.ReadAsync(http);
        if (form.Error is { } wrong) return RotatePage(http, key, form.Wrong(wrong));
        if (!(await rotate.RunAsync(key.Partition, id, form.Value, CancellationToken.None)).TryGet(out var minted, out var error)) return RotatePage(http, key, form.Wrong(error));
        return Minted(http, minted, await keys.FindNowAsync(id, http.RequestAborted));
    }

    private static PageResult RotatePage(HttpContext http, ApiKey key, FormState form) =>
        Page.Answer<RotateKeyPage>(form.Status, (nameof(RotateKeyPage.Shell), http.Shell()), (nameof(RotateKeyPage.Key), key), (nameof(RotateKeyPage.Form), form));

    private static async Task<IResult> AskToRevokeAsync(string id, HttpContext http, ApiKeyDirectory keys) =>
        await keys.FindOwnAsync(http.Member().Account.Id, id, http.RequestAborted) is { } key
            ? Page.Of<RevokeKeyPage>((nameof(RevokeKeyPage.Shell), http.Shell()), (nameof(RevokeKeyPage.Key), key))
            : new PortalRefusal(ApiError.KeyNotFound);

    private static async Task<IResult> RevokeAsync(string id, HttpContext http, ApiKeyDirectory keys, RevokeApiKey revoke) =>
        await keys.FindOwnAsync(http.Member().Account.Id, id, http.RequestAborted) is { } key && await revoke.RunAsync(key.Partition, id, CancellationToken.None)
            ? Go(id, "revoked")
            : new PortalRefusal(ApiError.KeyNotFound);

    private static IResult Go(string id, string done, Result<ApiKey> changed) => changed.TryGet(out _, out var error) ? Go(id, done) : new PortalRefusal(error);

    private static IResult Go(string id, string done) => Results.Redirect($"{PortalPaths.KeyOf(id)}?done={done}");

    private static string? DoneOf(string? word) => word switch
    {
        "renamed" => "The key has its new name.",
        "disabled" => "The key is disabled: its next request is refused.",
        "enabled" => "The key is enabled.",
        "limited" => "The limits are set, and count from the next request on.",
        "revoked" => "The key is revoked: nothing can be spent with it any more.",
        _ => null,
    };
}
