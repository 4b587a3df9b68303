using ServerlessImages.Api.Http;
using ServerlessImages.Keys;
using ServerlessImages.Ledger;

namespace ServerlessImages.Api.Keys;

/// <summary>An account's API keys, for keys that may manage them. A test key sees and makes test keys only; a live key those too.</summary>
internal static class KeysApi
{
    private static readonly TimeSpan OverlapDefault = TimeSpan.FromDays(1);

    public static void MapKeys(this WebApplication app)
    {
        foreach (var prefix in ApiPrefix.Plain)
        {
            app.MapGet(prefix + "/keys", ListAsync).RequireScope(Scope.KeysManage);
            app.MapPost(prefix + "/keys", CreateAsync).RequireScope(Scope.KeysManage).TakeJson();
            app.MapGet(prefix + "/keys/{id}", FindAsync).RequireScope(Scope.KeysManage);
            app.MapPatch(prefix + "/keys/{id}", ChangeAsync).RequireScope(Scope.KeysManage).TakeJson();
            app.MapDelete(prefix + "/keys/{id}", RevokeAsync).RequireScope(Scope.KeysManage);
            app.MapPost(prefix + "/keys/{id}/rotate", RotateAsync).RequireScope(Scope.KeysManage).TakeJson();
            app.MapPost(prefix + "/keys/revoke", RevokeFoundAsync).OpenToEveryone().TakeJson();
        }
    }

    private static Task ListAsync(HttpContext http, ApiKeyDirectory keys, KeyList list, TimeProvider clock, ErrorWriter errors)
    {
        return http.AnswerAsync(errors, PageAsync, page => KeyAnswers.Page(page, clock.GetUtcNow()));

        async Task<Result<KeyPage>> PageAsync()
        {
            if (!PageQuery.Read(http.Request).TryGet(out var page, out var error)) return error;
            if (!KeyQuery.Read(http).TryGet(out var query, out error)) return error;
            var after = page.After is null ? null : await OwnAsync(http, keys, page.After);
            if (page.After is not null && after?.Partition != query.Partition) return ApiError.KeyNotFound;
            return await list.PageAsync(query.Partition, query.Revoked, after, page.Limit, http.RequestAborted);
        }
    }

    private static Task CreateAsync(HttpContext http, CreateApiKey create, KeyBodies bodies, TimeProvider clock, ErrorWriter errors)
    {
        return http.AnswerAsync(errors, CreateOneAsync, minted => KeyAnswers.Minted(minted, clock.GetUtcNow()));

        async Task<Result<MintedKey>> CreateOneAsync()
        {
            if (!(await bodies.ReadNewAsync(http)).TryGet(out var body, out var error)) return error;
            return await create.RunAsync(new(http.Caller().Account.Id, body.Livemode), body.Terms, body.Limits, http.RequestAborted);
        }
    }

    private static Task FindAsync(string id, HttpContext http, ApiKeyDirectory keys, KeyList list, TimeProvider clock, ErrorWriter errors)
    {
        return http.AnswerAsync(errors, SeeAsync, seen => KeyAnswers.Key(seen, clock.GetUtcNow()));

        async Task<Result<SeenKey>> SeeAsync() =>
            await OwnAsync(http, keys, id) is { } key && await list.SeenAsync(key.Id, http.RequestAborted) is { } seen ? seen : ApiError.KeyNotFound;
    }

    private static Task ChangeAsync(string id, HttpContext http, ApiKeyDirectory keys, KeyList list, SwitchApiKey change, TimeProvider clock, ErrorWriter errors)
    {
        return http.AnswerAsync(errors, ChangeOneAsync, seen => KeyAnswers.Key(seen, clock.GetUtcNow()));

        async Task<Result<SeenKey>> ChangeOneAsync()
        {
            if (await OwnAsync(http, keys, id) is not { } key) return ApiError.KeyNotFound;
            if (!(await http.ReadJsonAsync(fields => (Name: fields.Text("name", KeyBodies.NameCharactersMax), Disabled: fields.Flag("disabled")))).TryGet(out var body, out var error)) return error;
            if (!(await change.RunAsync(key.Partition, id, body.Name, body.Disabled, CancellationToken.None)).TryGet(out _, out error)) return error;
            return await list.SeenAsync(id, http.RequestAborted) is { } seen ? seen : ApiError.KeyNotFound;
        }
    }

    private static Task RevokeAsync(string id, HttpContext http, ApiKeyDirectory keys, KeyList list, RevokeApiKey revoke, TimeProvider clock, ErrorWriter errors)
    {
        return http.AnswerAsync(errors, RevokeOneAsync, seen => KeyAnswers.Key(seen, clock.GetUtcNow()));

        async Task<Result<SeenKey>> RevokeOneAsync()
        {
            // Once begun it is done: a caller who hangs up has not changed their mind.
            var isRevoked = await OwnAsync(http, keys, id) is { } key && await revoke.RunAsync(key.Partition, id, CancellationToken.None);
            return isRevoked && await list.SeenAsync(id, http.RequestAborted) is { } seen ? seen : ApiError.KeyNotFound;
        }
    }

    private static Task RotateAsync(string id, HttpContext http, ApiKeyDirectory keys, RotateApiKey rotate, TimeProvider clock, ErrorWriter errors)
    {
        return http.AnswerAsync(errors, RotateOneAsync, minted => KeyAnswers.Minted(minted, clock.GetUtcNow()));

        async Task<Result<MintedKey>> RotateOneAsync()
        {
            if (await OwnAsync(http, keys, id) is not { } key) return ApiError.KeyNotFound;
            if (!(await http.ReadJsonAsync(fields => fields.Integer("overlap_seconds", 0, KeyBodies.OverlapSecondsMax) is { } seconds ? TimeSpan.FromSeconds(seconds) : OverlapDefault)).TryGet(out var overlap, out var error)) return error;
            if (http.Caller().Key.ExcessOf(key.Livemode, key.Terms) is { } what) return ApiError.KeyExceedsOwn(what);
            return await rotate.RunAsync(key.Partition, id, overlap, CancellationToken.None);
        }
    }

    /// <summary>Whoever has a key may end it: so that one that lies about does no harm until its owner wakes up.</summary>
    private static Task RevokeFoundAsync(HttpContext http, RevokeFoundKey revoke, ErrorWriter errors)
    {
        return http.AnswerAsync(errors, RevokeOneAsync, KeyAnswers.Revoked);

        async Task<Result<string>> RevokeOneAsync()
        {
            if (!(await http.ReadJsonAsync(fields => (Key: fields.Text("key", KeyBodies.KeyCharactersMax), IsThere: fields.Has("key")))).TryGet(out var body, out var error)) return error;
            if (body.Key is null) return ApiError.MissingParameter("key");
            return await revoke.RunAsync(body.Key, CancellationToken.None) is { } id ? id : ApiError.KeyNotFound;
        }
    }

    private static async Task<ApiKey?> OwnAsync(HttpContext http, ApiKeyDirectory keys, string id)
    {
        var caller = http.Caller();
        return await keys.FindOwnAsync(caller.Account.Id, id, http.RequestAborted) is { } key && (caller.Key.Livemode || !key.Livemode) ? key : null;
    }
}

/// <summary>Which keys are listed.</summary>
internal sealed record KeyQuery(LedgerPartition Partition, bool Revoked)
{
    public static Result<KeyQuery> Read(HttpContext http)
    {
        var caller = http.Caller();
        if (!Read(http.Request, caller.Account.Id, caller.Key.Livemode).TryGet(out var query, out var error)) return error;
        return query.Partition.Livemode && !caller.Key.Livemode ? ApiError.KeyExceedsOwn("livemode") : query;
    }

    /// <param name="livemode">Where the query does not say it.</param>
    public static Result<KeyQuery> Read(HttpRequest request, string accountId, bool livemode = true)
    {
        if (Flag("revoked", false) is not { } revoked) return ApiError.InvalidValue("revoked", "true or false");
        return Flag("livemode", livemode) is { } wanted ? new KeyQuery(new(accountId, wanted), revoked) : ApiError.InvalidValue("livemode", "true or false");

        bool? Flag(string name, bool otherwise) => request.Query[name].ToString() switch
        {
            "" => otherwise,
            "true" => true,
            "false" => false,
            _ => null,
        };
    }
}
