using System.Globalization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.OpenApi;
using ServerlessImages.Api.Http;

namespace ServerlessImages.Api.OpenApi;

/// <summary>Writes what <see cref="ApiOperations"/> says of an endpoint into the document. An endpoint of which it says nothing stays as it is, and fails a test.</summary>
internal sealed class OperationWriter(ErrorExamples examples) : IOpenApiOperationTransformer
{
    public const string Bearer = "bearer";
    public const string ApiKey = "apiKey";
    private const string Json = "application/json";

    public async Task TransformAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        if (ApiOperations.Find(context.Description.HttpMethod!, "/" + context.Description.RelativePath) is not { } said) return;

        var access = context.Description.ActionDescriptor.EndpointMetadata.OfType<EndpointAccess>().Single();
        var schemas = new Schemas(context, cancellationToken);
        operation.OperationId = said.Id;
        operation.Summary = said.Summary;
        operation.Description = $"{said.Description}\n\n{Access(access)}";
        operation.Tags = new HashSet<OpenApiTagReference> { new(said.Tag, context.Document) };
        operation.Security = access.IsOpen ? [new OpenApiSecurityRequirement()] : [Requirement(Bearer, context), Requirement(ApiKey, context)];
        operation.Parameters = [.. operation.Parameters ?? [], .. said.Parameters.Select(Parameter)];
        operation.RequestBody = said.Bodies.Count > 0 ? await BodyAsync(said, schemas) : null;
        operation.Responses = [];
        if (said.Answer is not null || said.BinaryAnswers.Count > 0 || said.Events.Count > 0) operation.Responses[said.Status.ToString(CultureInfo.InvariantCulture)] = await GoodAsync(said, schemas);
        if (said.OtherStatus > 0) operation.Responses[said.OtherStatus.ToString(CultureInfo.InvariantCulture)] = await OtherAsync(said, schemas);
        foreach (var (status, errors) in said.Errors.DistinctBy(error => error.Code).GroupBy(error => ErrorWriter.Wire(error.Kind).Status).OrderBy(group => group.Key).Select(group => (group.Key, group.ToArray())))
        {
            operation.Responses[status.ToString(CultureInfo.InvariantCulture)] = Bad(status, errors, said, await schemas.OfAsync(typeof(ErrorAnswer)));
        }
    }

    private static string Access(EndpointAccess access) =>
        access.IsOpen ? "No key needed." : $"Any of these scopes: {string.Join(", ", access.Scopes.Select(scope => $"`{scope}`"))}.";

    private static async Task<OpenApiRequestBody> BodyAsync(ApiOperation said, Schemas schemas)
    {
        var content = Content(Json, await schemas.OneOfAsync(said.Bodies));
        if (said.Form is { } form) content["multipart/form-data"] = new OpenApiMediaType { Schema = await schemas.OfAsync(form) };
        return new OpenApiRequestBody { Required = true, Content = content };
    }

    private static async Task<OpenApiResponse> GoodAsync(ApiOperation said, Schemas schemas)
    {
        var content = said.Answer is { } answer ? Content(Json, await schemas.OfAsync(answer)) : [];
        foreach (var type in said.BinaryAnswers) content[type] = new OpenApiMediaType { Schema = new OpenApiSchema { Type = JsonSchemaType.String, Format = "binary" } };
        if (said.Events.Count > 0) content["text/event-stream"] = new OpenApiMediaType { Schema = await schemas.OneOfAsync(said.Events, "The data of each event.") };
        return new OpenApiResponse { Description = "OK", Content = content, Headers = Headers([.. ApiOperations.EveryAnswer, .. said.Headers]) };
    }

    private static async Task<OpenApiResponse> OtherAsync(ApiOperation said, Schemas schemas) => new()
    {
        Description = ReasonPhrases.GetReasonPhrase(said.OtherStatus),
        Content = Content(Json, await schemas.OfAsync(said.OtherAnswer ?? said.Answer!)),
        Headers = Headers([.. ApiOperations.EveryAnswer, .. said.OtherHeaders]),
    };

    private OpenApiResponse Bad(int status, ApiError[] errors, ApiOperation said, IOpenApiSchema schema)
    {
        var media = new OpenApiMediaType { Schema = schema, Examples = new Dictionary<string, IOpenApiExample>() };
        foreach (var error in errors) media.Examples[error.Code] = new OpenApiExample { Summary = error.Code, Value = examples.Of(error) };
        var mayBeHeld = said.Headers.Contains(ApiOperations.Held[0]) ? ApiOperations.Held : [];
        return new OpenApiResponse
        {
            Description = $"{ReasonPhrases.GetReasonPhrase(status)}: {string.Join(", ", errors.Select(error => $"`{error.Code}`"))}",
            Content = new Dictionary<string, OpenApiMediaType> { [Json] = media },
            Headers = Headers([.. ApiOperations.EveryAnswer, .. ErrorHeaders(errors), .. mayBeHeld]),
        };
    }

    private static IEnumerable<ApiHeader> ErrorHeaders(ApiError[] errors)
    {
        yield return new("x-should-retry", "true if the same request can succeed later, else false.");
        if (errors.Any(error => error.RetryAfter is not null)) yield return new("Retry-After", "Whole seconds.");
        if (errors.Any(error => error.Kind == ApiErrorKind.StillRunning)) yield return new("Location", "Where the request's outcome will be.");
        if (errors.Any(error => error.Kind == ApiErrorKind.Authentication)) yield return new("WWW-Authenticate", "Bearer.");
    }

    private static OpenApiParameter Parameter(ApiParameter parameter) => new()
    {
        Name = parameter.Name,
        In = parameter.IsHeader ? ParameterLocation.Header : ParameterLocation.Query,
        Description = parameter.Description,
        Schema = new OpenApiSchema { Type = parameter.Name is "limit" or "index" or "from" or "to" ? JsonSchemaType.Integer : JsonSchemaType.String },
    };

    private static Dictionary<string, IOpenApiHeader> Headers(IEnumerable<ApiHeader> headers) => headers.ToDictionary(
        header => header.Name,
        IOpenApiHeader (header) => new OpenApiHeader { Description = header.Description, Schema = new OpenApiSchema { Type = JsonSchemaType.String } });

    private static Dictionary<string, OpenApiMediaType> Content(string type, IOpenApiSchema schema) => new() { [type] = new OpenApiMediaType { Schema = schema } };

    private static OpenApiSecurityRequirement Requirement(string scheme, OpenApiOperationTransformerContext context) => new() { [new OpenApiSecuritySchemeReference(scheme, context.Document)] = [] };

    /// <summary>Each type once, among the document's components.</summary>
    private sealed class Schemas(OpenApiOperationTransformerContext context, CancellationToken cancel)
    {
        public async Task<IOpenApiSchema> OfAsync(Type type)
        {
            var document = context.Document!;
            if (document.Components?.Schemas?.ContainsKey(type.Name) != true) document.AddComponent(type.Name, await context.GetOrCreateSchemaAsync(type, cancellationToken: cancel));
            return new OpenApiSchemaReference(type.Name, document);
        }

        public async Task<IOpenApiSchema> OneOfAsync(IReadOnlyList<Type> types, string? description = null)
        {
            if (types is [var only]) return await OfAsync(only);
            var choices = new List<IOpenApiSchema>();
            foreach (var type in types) choices.Add(await OfAsync(type));
            return new OpenApiSchema { Description = description, OneOf = choices };
        }
    }
}
