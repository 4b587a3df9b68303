using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace ServerlessImages.Local.Stripe;

/// <summary>Everything that the emulated Stripe knows: its objects by id, in the order of their creation. One lock around all of it, and one file.</summary>
internal sealed class StripeState(string? file, TimeProvider time)
{
    private readonly Lock gate = new();
    private readonly OrderedDictionary<string, JsonObject> objects = Load(file);

    public long Now => time.GetUtcNow().ToUnixTimeSeconds();

    public static string NewId(string prefix) => prefix + "_" + RandomNumberGenerator.GetHexString(24, lowercase: true);

    /// <summary>Does something with the objects, all at once. Whoever refuses, refuses before changing any.</summary>
    public T Change<T>(Func<OrderedDictionary<string, JsonObject>, T> change)
    {
        lock (gate)
        {
            var result = change(objects);
            Save();
            return result;
        }
    }

    /// <returns>A copy, or null.</returns>
    public JsonObject? Find(string type, string id)
    {
        lock (gate)
        {
            return objects.TryGetValue(id, out var found) && TypeOf(found) == type ? Copy(found) : null;
        }
    }

    /// <summary>Copies of all of a type, newest first.</summary>
    public IReadOnlyList<JsonObject> All(string type)
    {
        lock (gate)
        {
            return [.. objects.Values.Reverse().Where(each => TypeOf(each) == type).Select(Copy)];
        }
    }

    public JsonObject New(string type, string prefix) => new() { ["id"] = NewId(prefix), ["object"] = type, ["created"] = Now, ["livemode"] = false };

    public static JsonObject Copy(JsonObject json) => json.DeepClone().AsObject();

    private static string TypeOf(JsonObject json) => json["object"]!.GetValue<string>();

    private static OrderedDictionary<string, JsonObject> Load(string? file)
    {
        var kept = new OrderedDictionary<string, JsonObject>(StringComparer.Ordinal);
        if (file is null || !File.Exists(file)) return kept;
        foreach (var line in File.ReadLines(file))
        {
            var json = JsonNode.Parse(line)!.AsObject();
            kept[json["id"]!.GetValue<string>()] = json;
        }

        return kept;
    }

    private void Save()
    {
        if (file is null) return;
        File.WriteAllLines(file + ".new", objects.Values.Select(each => each.ToJsonString()));
        File.Move(file + ".new", file, overwrite: true);
    }
}

/// <summary>The fields of a call, from the query or the form: names with brackets, such as <c>metadata[account]</c>.</summary>
internal sealed class StripeFields(IEnumerable<KeyValuePair<string, string>> fields)
{
    private readonly Dictionary<string, string> byName = new(fields, StringComparer.Ordinal);

    public string? Text(string name) => byName.GetValueOrDefault(name);

    public string Required(string name) => Text(name) is { Length: > 0 } text ? text : throw StripeError.Invalid($"Missing required param: {name}.", name);

    public long? Number(string name)
    {
        if (Text(name) is not { } text) return null;
        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : throw StripeError.Invalid($"Invalid integer: {text}", name);
    }

    public bool Flag(string name) => Text(name) == "true";

    /// <summary>The members of a map, such as <c>metadata</c>.</summary>
    public JsonObject Map(string name)
    {
        var start = name + "[";
        return new(byName.Where(each => each.Key.StartsWith(start, StringComparison.Ordinal)).Select(each => KeyValuePair.Create(each.Key[start.Length..^1], (JsonNode?)each.Value)));
    }

    /// <summary>The items of a list: <c>types[0]</c>, <c>types[1]</c> and so on.</summary>
    public IReadOnlyList<string> List(string name) => [.. Map(name).Select(each => each.Value!.GetValue<string>())];

    /// <summary>The same fields in the same order, for comparison.</summary>
    public override string ToString() => string.Join('&', byName.OrderBy(each => each.Key, StringComparer.Ordinal).Select(each => $"{each.Key}={each.Value}"));
}

/// <summary>An answer that is an error, in Stripe's form.</summary>
internal sealed class StripeError(int status, JsonObject error) : Exception(error.ToJsonString())
{
    public int Status => status;

    public JsonObject Body => new() { ["error"] = error.DeepClone() };

    public static StripeError Invalid(string message, string param) => new(400, Of("invalid_request_error", message, param: param));

    public static StripeError Missing(string what, string id) => new(404, Of("invalid_request_error", $"No such {what}: '{id}'", "resource_missing", "id"));

    /// <summary>What a parameter names is not there.</summary>
    public static StripeError NotThere(string what, string id, string param) => new(400, Of("invalid_request_error", $"No such {what}: '{id}'", "resource_missing", param));

    public static StripeError Unauthorized() => new(401, Of("invalid_request_error", "Invalid API Key provided."));

    public static StripeError NoRoute(string path) => new(404, Of("invalid_request_error", $"Unrecognized request URL ({path})."));

    public static StripeError KeyReused() => new(400, Of("idempotency_error", "Keys for idempotent requests can only be used with the same parameters they were first used with."));

    public static StripeError Internal() => new(500, Of("api_error", "An unknown error occurred."));

    public static StripeError Card(string code, string? declineCode, JsonObject intent)
    {
        var error = Of("card_error", "Your card was declined.", code);
        if (declineCode is not null) error["decline_code"] = declineCode;
        error["payment_intent"] = intent.DeepClone();
        return new(402, error);
    }

    private static JsonObject Of(string type, string message, string? code = null, string? param = null)
    {
        var error = new JsonObject { ["type"] = type, ["message"] = message };
        if (code is not null) error["code"] = code;
        if (param is not null) error["param"] = param;
        return error;
    }
}
