using System.Globalization;
using ServerlessImages.Api.Http;
using ServerlessImages.Usage;

namespace ServerlessImages.Api.Portal.UsageDays;

/// <summary>What the page of usage is asked for.</summary>
/// <param name="From">The first day.</param>
/// <param name="Last">The last day, which is in it.</param>
/// <param name="Days">How many until today; null where days were given.</param>
public sealed record DaysQuery(PortalMode Mode, UsageDimension By, DateOnly From, DateOnly Last, int? Days)
{
    public const int DaysDefault = 30;
    private const int NameCharactersMax = 128;

    internal static Result<DaysQuery> Read(QueryFields fields, DateTimeOffset now)
    {
        var (mode, today) = (PortalModes.Read(fields), DateOnly.FromDateTime(now.UtcDateTime));
        var by = fields.OptionalText("by", NameCharactersMax) is { } name ? Dimension(name) : UsageDimension.Model;
        var (from, last) = (Day(fields, "from"), Day(fields, "to"));
        var days = fields.OneOf("days", "7", "30", "90") is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : from is null && last is null ? DaysDefault : (int?)null;
        if (fields.FirstError is { } wrong) return wrong;
        if (by is null) return ApiError.InvalidValue("by", "one of model, key, quality and tag:NAME");
        if (days is { } count) return new DaysQuery(mode, by, today.AddDays(1 - count), today, days);

        var end = last ?? today;
        var start = from ?? (end.DayNumber < DaysDefault ? DateOnly.MinValue : end.AddDays(1 - DaysDefault));
        if (start > end || end == DateOnly.MaxValue) return ApiError.InvalidValue("from", "a day that is not after 'to'");
        return end.DayNumber - start.DayNumber < ReadDays.DaysMax ? new DaysQuery(mode, by, start, end, null) : ApiError.InvalidValue("from", $"a day at most {ReadDays.DaysMax - 1} days before 'to'");
    }

    /// <summary>The page, or the file, of the same usage; or of as many days until today.</summary>
    public string Href(string path, int? days = null) => Mode.Link(path, ("by", By == UsageDimension.Model ? null : By.Name), ("days", days is { } other ? Text(other) : Days is { } count && count != DaysDefault ? Text(count) : null), ("from", days is null && Days is null ? Text(From) : null), ("to", days is null && Days is null ? Text(Last) : null));

    internal static string Text(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static string Text(int count) => count.ToString(CultureInfo.InvariantCulture);

    private static UsageDimension? Dimension(string name) => UsageDimension.TryParse(name, out var dimension) && (dimension.TagName is not null || name is "model" or "key" or "quality") ? dimension : null;

    /// <summary>A form sends its fields whether or not anything stands in them.</summary>
    private static DateOnly? Day(QueryFields fields, string name) => fields.OptionalText(name, NameCharactersMax) is null or "" ? null : fields.Day(name);
}
