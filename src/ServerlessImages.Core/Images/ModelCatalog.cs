using System.Text.Json;

namespace ServerlessImages.Images;

/// <summary>The models that are sold here. Shipped as <c>models.json</c>; an operator may put another file in its place.</summary>
public sealed class ModelCatalog
{
    private readonly Dictionary<string, ModelSpec> byId;

    private ModelCatalog(IEnumerable<ModelSpec> models) => byId = models.ToDictionary(model => model.Id, StringComparer.Ordinal);

    public static string ShippedJson => DataFile.Shipped("models.json");

    public IReadOnlyCollection<ModelSpec> Models => byId.Values;

    /// <exception cref="JsonException">The text is not of the form of <c>models.json</c>.</exception>
    public static ModelCatalog Parse(string json) => new(DataFile.Parse<FileJson>(json).Models.Select(Spec));

    public Result<ModelSpec> Find(string id) => byId.TryGetValue(id, out var model) ? model : ApiError.UnknownModel(id);

    private static ModelSpec Spec(ModelJson model)
    {
        if (!model.Id.StartsWith("gpt-image-", StringComparison.Ordinal)) throw new JsonException($"The model id {model.Id} does not start with gpt-image-.");
        return new ModelSpec
        {
            Id = model.Id,
            Created = model.Created,
            ShutdownDate = model.ShutdownDate,
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
        DateOnly? ShutdownDate = null,
        SizeRule? AnySize = null,
        IReadOnlyList<string>? InputFidelities = null,
        bool TakesMarkup = false);

    private sealed record OutputTokensJson(Dictionary<string, int>? Grid = null, Dictionary<string, Dictionary<string, long>>? Table = null);
}
