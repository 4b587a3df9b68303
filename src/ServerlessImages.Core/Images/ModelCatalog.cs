using System.Text.Json;

namespace ServerlessImages.Images;

/// <summary>The models that are sold here. Shipped as <c>models.json</c>; an operator may put another file in its place.</summary>
public sealed class ModelCatalog
{
    private const int DaysOfWarning = 90;
    private readonly Dictionary<string, ModelSpec> byName = new(StringComparer.Ordinal);

    private ModelCatalog(IEnumerable<ModelSpec> models)
    {
        Models = [.. models];
        foreach (var (model, name) in Models.SelectMany(model => model.Aliases.Prepend(model.Id), (model, name) => (model, name)))
        {
            if (!byName.TryAdd(name, model)) throw new JsonException($"Two models are called {name}.");
        }
    }

    public static string ShippedJson => DataFile.Shipped("models.json");

    public IReadOnlyList<ModelSpec> Models { get; }

    /// <exception cref="JsonException">The text is not of the form of <c>models.json</c>.</exception>
    public static ModelCatalog Parse(string json) => new(DataFile.Parse<FileJson>(json).Models.Select(Spec));

    /// <param name="name">Its id or one of its aliases.</param>
    public Result<ModelSpec> Find(string name) => byName.TryGetValue(name, out var model) ? model : ApiError.UnknownModel(name);

    private static ModelSpec Spec(ModelJson model)
    {
        IReadOnlyList<string> aliases = model.Aliases ?? [];
        if (aliases.Prepend(model.Id).FirstOrDefault(name => !name.StartsWith("gpt-image-", StringComparison.Ordinal)) is { } wrong) throw new JsonException($"The model id {wrong} does not start with gpt-image-.");
        return new ModelSpec
        {
            Id = model.Id,
            Aliases = aliases,
            Created = model.Created,
            ShutdownDate = model.ShutdownDate,
            DeprecationDate = model.DeprecationDate ?? model.ShutdownDate?.AddDays(-DaysOfWarning),
            Qualities = [.. model.Qualities.Select(Word<ImageQuality>)],
            Formats = [.. model.Formats.Select(Word<ImageFormat>)],
            Backgrounds = [.. model.Backgrounds.Select(Word<ImageBackground>)],
            InputFidelities = [.. (model.InputFidelities ?? []).Select(Word<InputFidelity>)],
            TakesMarkup = model.TakesMarkup,
            AnySize = model.AnySize,
            OutputTokens = Tokens(model),
            ExpectedTime = model.ExpectedSeconds.ToDictionary(pair => Word<ImageQuality>(pair.Key), pair => TimeSpan.FromSeconds(pair.Value)),
        };
    }

    private static OutputTokens Tokens(ModelJson model) => (model.OutputTokens.Grid, model.OutputTokens.Table) switch
    {
        ({ } grid, null) => new OutputTokens.Grid(ByQuality(model, grid)),
        (null, { } table) => new OutputTokens.Table(table.ToDictionary(row => Size(row.Key), IReadOnlyDictionary<ImageQuality, long> (row) => ByQuality(model, row.Value))),
        _ => throw new JsonException($"The model {model.Id} needs either a grid or a table of output tokens."),
    };

    private static Dictionary<ImageQuality, T> ByQuality<T>(ModelJson model, Dictionary<string, T> values)
    {
        var missing = model.Qualities.Except(values.Keys).ToArray();
        if (missing.Length > 0) throw new JsonException($"The model {model.Id} has no output tokens for {string.Join(", ", missing)}.");
        return values.ToDictionary(pair => Word<ImageQuality>(pair.Key), pair => pair.Value);
    }

    private static ImageSize Size(string text) => ImageSize.TryParse(text, out var size) ? size : throw new JsonException($"{text} is not a size.");

    private static T Word<T>(string word)
        where T : struct, Enum => WireNames.TryFromWire<T>(word, out var value) ? value : throw new JsonException($"{word} is not one of {typeof(T).Name}.");

    private sealed record FileJson(string Source, IReadOnlyList<ModelJson> Models);

    private sealed record ModelJson(
        string Id,
        DateOnly Created,
        IReadOnlyList<string> Qualities,
        IReadOnlyList<string> Formats,
        IReadOnlyList<string> Backgrounds,
        OutputTokensJson OutputTokens,
        Dictionary<string, int> ExpectedSeconds,
        IReadOnlyList<string>? Aliases = null,
        DateOnly? ShutdownDate = null,
        DateOnly? DeprecationDate = null,
        SizeRule? AnySize = null,
        IReadOnlyList<string>? InputFidelities = null,
        bool TakesMarkup = false);

    private sealed record OutputTokensJson(Dictionary<string, int>? Grid = null, Dictionary<string, Dictionary<string, long>>? Table = null);
}
