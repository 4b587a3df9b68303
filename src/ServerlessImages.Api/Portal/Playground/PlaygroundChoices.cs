using ServerlessImages.Images;
using ServerlessImages.Keys;

namespace ServerlessImages.Api.Portal.Playground;

/// <summary>What can be chosen at the playground.</summary>
/// <param name="Keys">Those of the account that may draw now, live ones first, each kind newest first.</param>
/// <param name="HasMore">Whether there are older keys that are not among them.</param>
public sealed record PlaygroundChoices(IReadOnlyList<ApiKey> Keys, bool HasMore, IReadOnlyList<ModelSpec> Models)
{
    /// <summary>Of each kind, live and test: each is two reads.</summary>
    private const int KeysMax = 50;

    /// <summary>Larger ones that are asked for often; any other that a model draws is for the API.</summary>
    private static readonly ImageSize[] Larger = [new(2048, 2048), new(2048, 1152), new(1152, 2048), new(3840, 2160)];

    public bool CanDraw => Keys.Count > 0 && Models.Count > 0;

    public IEnumerable<PlaygroundChoice> Sizes => ChoicesOf(ModelSpec.StandardSizes.Concat(Larger), (model, size) => model.Draws(size), size => size.ToString());

    public IEnumerable<PlaygroundChoice> Qualities => ChoicesOf(Enum.GetValues<ImageQuality>().Where(each => each != ImageQuality.Auto), (model, quality) => model.Qualities.Contains(quality), quality => quality.ToWire());

    public IEnumerable<PlaygroundChoice> Formats => ChoicesOf(Enum.GetValues<ImageFormat>(), (model, format) => model.Formats.Contains(format), format => format.ToWire());

    internal static async Task<PlaygroundChoices> ReadAsync(string accountId, KeyList list, IReadOnlyList<ModelSpec> models, DateTimeOffset now, CancellationToken cancel)
    {
        var pages = await Task.WhenAll(PageAsync(livemode: true), PageAsync(livemode: false));
        var keys = pages.SelectMany(page => page.Keys).Select(seen => seen.Key).Where(key => key.StatusAt(now) == KeyStatus.Active && key.Scopes.Contains(Scope.ImagesGenerate));
        return new([.. keys], pages.Any(page => page.HasMore), models);

        Task<KeyPage> PageAsync(bool livemode) => list.PageAsync(new(accountId, livemode), revoked: false, after: null, KeysMax, cancel);
    }

    /// <summary>The key that is chosen where nobody chose: one of play money where there is no real one to spend.</summary>
    internal ApiKey KeyFor(string? wanted, bool hasMoney) =>
        Keys.FirstOrDefault(key => key.Id == wanted) ?? Keys.FirstOrDefault(key => key.Livemode == hasMoney) ?? Keys[0];

    private IEnumerable<PlaygroundChoice> ChoicesOf<T>(IEnumerable<T> values, Func<ModelSpec, T, bool> fits, Func<T, string> name) =>
        values.Select(value => new PlaygroundChoice(name(value), string.Join(' ', Models.Where(model => fits(model, value)).Select(model => model.Id)))).Where(choice => choice.Models.Length > 0);
}

/// <param name="Models">Which models have it, with spaces: the script leaves out what the chosen one has not.</param>
public sealed record PlaygroundChoice(string Value, string Models);

/// <summary>What one key would pay at most, and how long it would wait.</summary>
public sealed record PlaygroundQuote(Money Amount, TimeSpan Expected);

/// <summary>Images that were drawn here, and what they cost.</summary>
/// <param name="Urls">Relative to the site.</param>
public sealed record PlaygroundDrawing(string RequestId, IReadOnlyList<string> Urls, Money Charge, Money Quote, bool Livemode);

/// <summary>Why nothing was drawn.</summary>
/// <param name="RequestId">Where it goes on; null where nothing does.</param>
public sealed record PlaygroundRefusal(string Code, string Message, string? RequestId);
