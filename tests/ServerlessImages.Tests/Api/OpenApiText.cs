using System.Globalization;
using System.Text.Json;

namespace ServerlessImages.Tests.Api;

/// <summary>An OpenAPI document, and whether real answers fit it.</summary>
internal sealed class OpenApiText(JsonElement root)
{
    /// <summary>Of the transport, or of every answer whatever the API.</summary>
    private static readonly string[] PlainHeaders = ["Date", "Transfer-Encoding", "Cache-Control", "X-Content-Type-Options", "Referrer-Policy", "Content-Security-Policy", "Cross-Origin-Resource-Policy"];

    public JsonElement Root => root;

    public IEnumerable<(string Endpoint, JsonElement Json)> Operations =>
        from path in root.GetProperty("paths").EnumerateObject()
        from method in path.Value.EnumerateObject()
        select ($"{method.Name.ToUpperInvariant()} {path.Name}", method.Value);

    public IEnumerable<(int Status, string Code)> Errors =>
        from operation in Operations
        from response in operation.Json.GetProperty("responses").EnumerateObject()
        where response.Value.TryGetProperty("content", out var content) && content.TryGetProperty("application/json", out var json) && json.TryGetProperty("examples", out _)
        from example in response.Value.GetProperty("content").GetProperty("application/json").GetProperty("examples").EnumerateObject()
        select (int.Parse(response.Name, CultureInfo.InvariantCulture), example.Name);

    public IReadOnlyList<string> Fields(string endpoint, string contentType) =>
        [.. Resolve(Operation(endpoint).GetProperty("requestBody").GetProperty("content").GetProperty(contentType).GetProperty("schema")).GetProperty("properties").EnumerateObject().Select(property => property.Name)];

    public IReadOnlyList<JsonElement> Events(string endpoint) =>
        [.. Operation(endpoint).GetProperty("responses").GetProperty("200").GetProperty("content").GetProperty("text/event-stream").GetProperty("schema").GetProperty("oneOf").EnumerateArray()];

    /// <summary>Its status, type, headers and JSON are described; of an error, its code too.</summary>
    public async Task AssertFitsAsync(string endpoint, HttpResponseMessage response)
    {
        AssertHeadersFit(endpoint, response);
        var content = Response(endpoint, response).GetProperty("content").GetProperty(response.Content.Headers.ContentType!.MediaType!);
        if (response.Content.Headers.ContentType.MediaType != "application/json") return;

        var json = await response.JsonAsync();
        Assert.Null(Problem(json, content.GetProperty("schema")));
        if (!response.IsSuccessStatusCode) Assert.True(content.GetProperty("examples").TryGetProperty(json.Text("error", "code"), out _), json.Text("error", "code"));
    }

    public void AssertHeadersFit(string endpoint, HttpResponseMessage response)
    {
        var described = Response(endpoint, response).GetProperty("headers").EnumerateObject().Select(header => header.Name);
        var sent = response.Headers.Select(header => header.Key).Concat(response.Content.Headers.ContentDisposition is null ? [] : ["Content-Disposition"]);

        Assert.Empty(sent.Except(PlainHeaders, StringComparer.OrdinalIgnoreCase).Except(described, StringComparer.OrdinalIgnoreCase));
    }

    /// <returns>Where the value does not fit the schema, or null.</returns>
    public string? Problem(JsonElement value, JsonElement schema, string at = "$")
    {
        schema = Resolve(schema);
        if (schema.TryGetProperty("oneOf", out var choices)) return choices.EnumerateArray().Any(choice => Problem(value, choice, at) is null) ? null : $"{at} is none of the choices";
        if (schema.TryGetProperty("type", out var type) && !Types(type).Any(each => IsOf(value, each))) return $"{at} is a {value.ValueKind}";
        if (schema.TryGetProperty("enum", out var words) && value.ValueKind == JsonValueKind.String && !words.EnumerateArray().Any(word => word.ValueEquals(value.GetString()))) return $"{at} is {value}";
        return value.ValueKind switch
        {
            JsonValueKind.Object => ObjectProblem(value, schema, at),
            JsonValueKind.Array => value.EnumerateArray().Select((item, index) => Problem(item, schema.GetProperty("items"), $"{at}[{index}]")).FirstOrDefault(problem => problem is not null),
            _ => null,
        };
    }

    private string? ObjectProblem(JsonElement value, JsonElement schema, string at)
    {
        var required = schema.TryGetProperty("required", out var names) ? names.EnumerateArray().Select(name => name.GetString()!) : [];
        if (required.FirstOrDefault(name => !value.TryGetProperty(name, out _)) is { } missing) return $"{at}.{missing} is missing";

        foreach (var member in value.EnumerateObject())
        {
            var isKnown = (schema.TryGetProperty("properties", out var properties) && properties.TryGetProperty(member.Name, out var inner)) || schema.TryGetProperty("additionalProperties", out inner);
            if (!isKnown) return $"{at}.{member.Name} is not described";
            if (Problem(member.Value, inner, $"{at}.{member.Name}") is { } problem) return problem;
        }

        return null;
    }

    private static IEnumerable<string> Types(JsonElement type) => type.ValueKind == JsonValueKind.Array ? type.EnumerateArray().Select(each => each.GetString()!) : [type.GetString()!];

    private static bool IsOf(JsonElement value, string type) => type switch
    {
        "object" => value.ValueKind == JsonValueKind.Object,
        "array" => value.ValueKind == JsonValueKind.Array,
        "string" => value.ValueKind == JsonValueKind.String,
        "integer" => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _),
        "number" => value.ValueKind == JsonValueKind.Number,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "null" => value.ValueKind == JsonValueKind.Null,
        _ => throw new NotSupportedException(type),
    };

    private JsonElement Operation(string endpoint) => Operations.Single(each => each.Endpoint == endpoint).Json;

    private JsonElement Response(string endpoint, HttpResponseMessage response) =>
        Operation(endpoint).GetProperty("responses").GetProperty(((int)response.StatusCode).ToString(CultureInfo.InvariantCulture));

    private JsonElement Resolve(JsonElement schema) => schema.TryGetProperty("$ref", out var reference)
        ? reference.GetString()!.Split('/').Skip(1).Aggregate(root, (at, name) => at.GetProperty(name))
        : schema;
}
