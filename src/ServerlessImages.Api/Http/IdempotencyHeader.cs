namespace ServerlessImages.Api.Http;

/// <summary>The key under which a caller may send a request again: <c>Idempotency-Key</c>, or <c>x-idempotency-key</c> as some clients spell it.</summary>
internal static class IdempotencyHeader
{
    private const int CharactersMax = 255;

    /// <param name="key">Null if the caller sent none.</param>
    /// <returns>Null, or <c>invalid_idempotency_key</c>.</returns>
    public static ApiError? TryRead(HttpRequest request, out string? key)
    {
        var sent = request.Headers["Idempotency-Key"].Concat(request.Headers["x-idempotency-key"]).Distinct(StringComparer.Ordinal).ToArray();
        key = sent.FirstOrDefault();
        if (sent.Length == 0) return null;
        return sent is [{ Length: > 0 and <= CharactersMax }] && key!.All(letter => letter is > ' ' and <= '~') ? null : ApiError.InvalidIdempotencyKey;
    }
}
