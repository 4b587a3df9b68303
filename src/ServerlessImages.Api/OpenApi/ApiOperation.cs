namespace ServerlessImages.Api.OpenApi;

/// <summary>What the document says of one endpoint.</summary>
/// <param name="Endpoint">Method and route as mapped, such as <c>GET /v1/models/{id}</c>.</param>
/// <param name="Id">Becomes the method's name in generated clients.</param>
internal sealed record ApiOperation(string Endpoint, string Id, string Tag, string Summary, string Description)
{
    /// <summary>The JSON of the request: one of these, or none.</summary>
    public IReadOnlyList<Type> Bodies { get; init; } = [];

    /// <summary>The multipart form that may stand for the JSON, or null.</summary>
    public Type? Form { get; init; }

    /// <summary>The JSON of the answer, or null where it is none, or only ever an error.</summary>
    public Type? Answer { get; init; }

    /// <summary>Of a good answer.</summary>
    public int Status { get; init; } = StatusCodes.Status200OK;

    /// <summary>The status of an answer that is neither good nor an error, 0 where there is none.</summary>
    public int OtherStatus { get; init; }

    /// <summary>The JSON of that answer; null where it is that of <see cref="Answer"/>.</summary>
    public Type? OtherAnswer { get; init; }

    /// <summary>Headers of that answer, beside those of every answer.</summary>
    public IReadOnlyList<ApiHeader> OtherHeaders { get; init; } = [];

    /// <summary>The data of the events of a streamed answer; none where it cannot be streamed.</summary>
    public IReadOnlyList<Type> Events { get; init; } = [];

    /// <summary>The content types of an answer that is no JSON.</summary>
    public IReadOnlyList<string> BinaryAnswers { get; init; } = [];

    public IReadOnlyList<ApiParameter> Parameters { get; init; } = [];

    /// <summary>Headers of a good answer, beside those of every answer.</summary>
    public IReadOnlyList<ApiHeader> Headers { get; init; } = [];

    /// <summary>One of each code that it can answer.</summary>
    public IReadOnlyList<ApiError> Errors { get; init; } = [];
}

/// <param name="IsHeader">A header, or else a part of the query.</param>
internal sealed record ApiParameter(string Name, bool IsHeader, string Description);

internal sealed record ApiHeader(string Name, string Description);
