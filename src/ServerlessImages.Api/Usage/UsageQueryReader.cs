using ServerlessImages.Api.Http;
using ServerlessImages.Ledger;
using ServerlessImages.Usage;

namespace ServerlessImages.Api.Usage;

/// <summary>Reads the query of <c>GET /v1/usage</c>.</summary>
internal static class UsageQueryReader
{
    private const int GroupsMax = 10;

    /// <summary>No filter is longer than an end user's name.</summary>
    private const int FilterCharactersMax = 256;

    private const string TagFilter = "tag.";

    /// <summary>The year 3000: times are four digits of a year in row keys.</summary>
    private const long TimeMax = 32_503_680_000;

    private const long SecondsPerHour = 3_600;
    private const int DaysDefault = 30;

    /// <summary>What is asked for, in whole hours: the first is that of <c>from</c>, the last is that in which <c>to</c> lies or which it ends.</summary>
    public static Result<UsageQuery> Read(QueryFields fields, DateTimeOffset now)
    {
        var toSeconds = fields.Long("to", TimeMax) ?? now.ToUnixTimeSeconds();
        var to = new LedgerHour((toSeconds + SecondsPerHour - 1) / SecondsPerHour);
        var from = fields.Long("from", TimeMax) is { } fromSeconds ? new LedgerHour(fromSeconds / SecondsPerHour) : new LedgerHour(Math.Max(0, to.Number - (DaysDefault * 24)));
        return from < to || fields.FirstError is not null ? Read(fields, from, to) : ApiError.InvalidValue("from", "a time before 'to'");
    }

    /// <summary>The rest of the query, for hours that are known.</summary>
    public static Result<UsageQuery> Read(QueryFields fields, LedgerHour from, LedgerHour to)
    {
        var bucket = fields.Word<UsageBucket>("bucket");
        var groups = fields.List("group_by", GroupsMax, name => UsageDimension.TryParse(name, out var dimension) ? dimension : null, $"at most {GroupsMax} of model, quality, key, end_user, rail and tag:NAME, each once, with commas between");
        var filters = Filters(fields).ToArray();
        return fields.FirstError is { } error ? error : new UsageQuery(from, to, bucket, groups, filters);
    }

    private static IEnumerable<UsageFilter> Filters(QueryFields fields)
    {
        (string Name, UsageDimension Dimension)[] named =
        [
            ("model", UsageDimension.Model), ("quality", UsageDimension.Quality), ("key_id", UsageDimension.Key), ("end_user", UsageDimension.EndUser), ("rail", UsageDimension.Rail),
            .. fields.NamesWith(TagFilter).Select(name => (name, UsageDimension.Tag(name[TagFilter.Length..]))),
        ];
        foreach (var (name, dimension) in named)
        {
            if (fields.OptionalText(name, FilterCharactersMax) is { } value) yield return new(dimension, value);
        }
    }
}
