using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace ServerlessImages.Local.Stripe;

/// <summary>Everything that the emulated Stripe knows: its objects by type and id, in the order of their creation. One lock around all of it, and one file.</summary>
/// <remarks>Fields whose name begins with an underscore are the emulator's own and never shown.</remarks>
internal sealed class StripeState
{
    private static readonly JsonObject Shapes = ReadShapes();

    private readonly Lock gate = new();
    private readonly Dictionary<string, OrderedDictionary<string, JsonObject>> types = new(StringComparer.Ordinal);
    private readonly List<JsonObject> unannounced = [];
    private readonly string? file;
    private readonly StripeClock clock;

    public StripeState(string? file, StripeClock clock)
    {
        (this.file, this.clock) = (file, clock);
        if (file is null || !File.Exists(file)) return;
        foreach (var line in File.ReadLines(file)) Add(JsonNode.Parse(line)!.AsObject());
    }

    public long Now => clock.Now;

    public static string NewId(string prefix) => prefix + "_" + RandomNumberGenerator.GetHexString(24, lowercase: true);

    /// <summary>Does something with the objects, all at once. Whoever refuses, refuses before changing any.</summary>
    public T Do<T>(Func<T> act, bool changes = true)
    {
        lock (gate)
        {
            try
            {
                return act();
            }
            finally
            {
                // A declined card is an answer that is an error, and yet something happened.
                if (changes) Save();
            }
        }
    }

    /// <summary>An object with every field that Stripe's has; it is not kept until it is added.</summary>
    public JsonObject New(string type, string prefix)
    {
        var created = new JsonObject { ["id"] = NewId(prefix), ["object"] = type, ["created"] = Now };
        foreach (var (name, value) in Shapes[type]!.AsObject()) created[name] = value?.DeepClone();
        return created;
    }

    public JsonObject Add(JsonObject created)
    {
        Of(created.Text("object"))[created.Text("id")] = created;
        return created;
    }

    public void Remove(JsonObject gone) => Of(gone.Text("object")).Remove(gone.Text("id"));

    public JsonObject? Find(string type, string id) => Of(type).GetValueOrDefault(id);

    /// <exception cref="StripeError">There is none.</exception>
    public JsonObject Get(string type, string id) => Find(type, id) ?? throw StripeError.Missing(type.Split('.')[^1], id);

    /// <summary>The object with an id, of whichever type.</summary>
    public JsonObject? Find(string id) => types.Values.Select(each => each.GetValueOrDefault(id)).FirstOrDefault(each => each is not null);

    /// <summary>All of a type, newest first.</summary>
    public IEnumerable<JsonObject> All(string type) => Of(type).Values.Reverse();

    /// <summary>Writes down an event, to be announced.</summary>
    public void Happened(JsonObject happened) => unannounced.Add(Add(happened));

    public IReadOnlyList<JsonObject> TakeUnannounced()
    {
        lock (gate)
        {
            JsonObject[] taken = [.. unannounced];
            unannounced.Clear();
            return taken;
        }
    }

    private OrderedDictionary<string, JsonObject> Of(string type)
    {
        if (!types.TryGetValue(type, out var all)) types[type] = all = new(StringComparer.Ordinal);
        return all;
    }

    private void Save()
    {
        if (file is null) return;
        File.WriteAllLines(file + ".new", types.Values.SelectMany(each => each.Values).Select(each => each.ToJsonString()));
        File.Move(file + ".new", file, overwrite: true);
    }

    private static JsonObject ReadShapes()
    {
        using var shapes = typeof(StripeState).Assembly.GetManifestResourceStream("ServerlessImages.Local.Stripe.shapes.json")!;
        return JsonNode.Parse(shapes)!.AsObject();
    }
}
