namespace ServerlessImages.Api.Http;

/// <summary>The two ends of an endpoint that takes and answers plain JSON.</summary>
internal static class JsonCall
{
    /// <returns>What <paramref name="read"/> makes of the body's members; or the first thing that is wrong with them.</returns>
    public static async Task<Result<T>> ReadJsonAsync<T>(this HttpContext http, Func<JsonFields, T> read)
        where T : notnull
    {
        if (!(await JsonBody.ReadAsync(http.Request, http.RequestAborted)).TryGet(out var json, out var error)) return error;
        using var body = json;
        var fields = new JsonFields(json.RootElement);
        var value = read(fields);
        return fields.FirstError is { } wrong ? wrong : value;
    }

    public static async Task AnswerAsync<T>(this HttpContext http, ErrorWriter errors, Func<Task<Result<T>>> work, Func<T, IResult> answer)
        where T : notnull
    {
        if ((await work()).TryGet(out var value, out var error)) await answer(value).ExecuteAsync(http);
        else await errors.WriteAsync(http, error);
    }
}
