namespace ServerlessImages.Api.OpenApi;

/// <summary>The endpoints about API keys, for <see cref="ApiOperations"/>.</summary>
internal static class KeyOperations
{
    private static readonly ApiParameter[] List =
    [
        new("limit", IsHeader: false, "1 to 100, default 20."),
        new("after", IsHeader: false, "The next_cursor of the page before."),
        new("revoked", IsHeader: false, "true: those that were revoked, instead of the others."),
        new("livemode", IsHeader: false, "false: test keys. Default: as the caller's own."),
    ];

    public static IReadOnlyList<ApiOperation> Of(string tag) =>
    [
        new("GET /v1/keys", "listKeys", tag, "List API keys", "Newest first, without those that were revoked.")
        {
            Answer = typeof(KeyListAnswer),
            Parameters = List,
            Errors = [.. ApiErrors.WithKey, ApiError.InvalidValue("limit", "a whole number from 1 to 100"), ApiError.KeyNotFound, ApiError.KeyExceedsOwn("livemode")],
        },
        new("POST /v1/keys", "createKey", tag, "Make an API key", "Its text is in this answer and nowhere else. What is not said is as the caller's own key has it, and nothing may go beyond that.")
        {
            Bodies = [typeof(NewKeyBody)],
            Answer = typeof(KeyAnswer),
            Status = StatusCodes.Status201Created,
            Errors = [.. ApiErrors.WithKey, .. ApiErrors.Body, ApiError.KeyExceedsOwn("scopes"), ApiError.UnknownModel("dall-e-3"), ApiError.TooManyKeys(1_000), ApiError.LedgerUnavailable],
        },
        new("GET /v1/keys/{id}", "getKey", tag, "Read an API key", "What it may do and when it was last used; never its text.")
        {
            Answer = typeof(KeyAnswer),
            Errors = [.. ApiErrors.WithKey, ApiError.KeyNotFound],
        },
        new("PATCH /v1/keys/{id}", "changeKey", tag, "Rename an API key, or switch it off or on", "Switched off, its spending ends at once.")
        {
            Bodies = [typeof(KeyChangeBody)],
            Answer = typeof(KeyAnswer),
            Errors = [.. ApiErrors.WithKey, .. ApiErrors.Body, ApiError.KeyNotFound, ApiError.KeyNotActive],
        },
        new("DELETE /v1/keys/{id}", "revokeKey", tag, "Revoke an API key", "For good. Its spending ends at once; reading with it within 30 s.")
        {
            Answer = typeof(KeyAnswer),
            Errors = [.. ApiErrors.WithKey, ApiError.KeyNotFound],
        },
        new("POST /v1/keys/{id}/rotate", "rotateKey", tag, "Give an API key a successor", "On the same terms and within the same budget. The old key stays good for an overlap.")
        {
            Bodies = [typeof(RotationBody)],
            Answer = typeof(KeyAnswer),
            Status = StatusCodes.Status201Created,
            Errors = [.. ApiErrors.WithKey, .. ApiErrors.Body, ApiError.KeyNotFound, ApiError.KeyNotActive, ApiError.KeyRotated("4fJ8sK2mQ9xZ"), ApiError.KeyExceedsOwn("scopes")],
        },
        new("POST /v1/keys/revoke", "revokeFoundKey", tag, "Revoke an API key that was found", "Having it is enough: no other key is needed, and nothing else can be done with it here.")
        {
            Bodies = [typeof(FoundKeyBody)],
            Answer = typeof(KeyRevocationAnswer),
            Errors = [.. ApiErrors.Body, ApiError.MissingParameter("key"), ApiError.KeyNotFound, ApiError.StorageUnavailable, ApiError.ServerError],
        },
    ];
}
