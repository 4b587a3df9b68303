using System.Globalization;
using ServerlessImages.Api.Http;
using ServerlessImages.Images;
using ServerlessImages.Usage;

namespace ServerlessImages.Api.Portal.Requests;

/// <summary>What the page of requests is asked for.</summary>
/// <param name="Before">Where the page before ended; null for the first.</param>
public sealed record RequestQuery(PortalMode Mode, RequestFilter Filter, long? Before)
{
    private const int ValueCharactersMax = 256;
    private const string TagStart = "tag.";

    /// <summary>Order keys have twelve digits.</summary>
    private const long SequenceMax = 999_999_999_999;

    internal static Result<RequestQuery> Read(QueryFields fields)
    {
        var mode = PortalModes.Read(fields);
        var (day, state) = (Said(fields, "day") ? fields.Day("day") : null, Said(fields, "status") ? fields.OptionalWord<RequestState>("status") : null);
        (string Name, UsageDimension Dimension)[] named =
        [
            ("model", UsageDimension.Model), ("key", UsageDimension.Key), ("quality", UsageDimension.Quality),
            .. fields.NamesWith(TagStart).Select(name => (name, UsageDimension.Tag(name[TagStart.Length..]))),
        ];
        var values = named.Select(each => (each.Dimension, Value: fields.OptionalText(each.Name, ValueCharactersMax))).Where(each => each.Value is not null && (each.Value.Length > 0 || each.Dimension.TagName is not null)).ToArray();
        var before = fields.Long("before", SequenceMax);
        return fields.FirstError is { } wrong ? wrong : new RequestQuery(mode, new(day, state, [.. values.Select(each => new UsageFilter(each.Dimension, each.Value!))]), before);
    }

    /// <summary>The value that is looked for, or "".</summary>
    public string Of(UsageDimension dimension) => Filter.Values.FirstOrDefault(value => value.Dimension == dimension)?.Value ?? "";

    /// <summary>The page for requests of a day or a value, or both.</summary>
    public static string LinkTo(PortalMode mode, DateOnly? day = null, UsageDimension? dimension = null, string value = "")
    {
        var filter = new RequestFilter(day, null, dimension is null ? [] : [new(dimension, value)]);
        return new RequestQuery(mode, filter, null).Href(before: null);
    }

    /// <summary>The same requests, from somewhere on.</summary>
    public string Href(long? before) => Mode.Link(PortalPaths.Requests, Pairs().Append(("before", before?.ToString(CultureInfo.InvariantCulture))));

    /// <summary>The same without one of the values.</summary>
    public string Without(UsageFilter value) => (this with { Filter = Filter with { Values = [.. Filter.Values.Where(each => each != value)] } }).Href(before: null);

    private IEnumerable<(string Name, string? Value)> Pairs() =>
    [
        ("day", Filter.Day?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)),
        ("status", Filter.State?.ToWire()),
        .. Filter.Values.Select(value => (NameOf(value.Dimension), (string?)value.Value)),
    ];

    private static string NameOf(UsageDimension dimension) => dimension.TagName is { } tag ? TagStart + Uri.EscapeDataString(tag) : dimension.Name;

    /// <summary>A form sends its fields whether or not anything stands in them.</summary>
    private static bool Said(QueryFields fields, string name) => fields.OptionalText(name, ValueCharactersMax) is not (null or "");
}
