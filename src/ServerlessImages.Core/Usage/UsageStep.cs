using ServerlessImages.Ledger;
using ServerlessImages.Revenue;
using ServerlessImages.Storage;

namespace ServerlessImages.Usage;

/// <summary>Some entries of the ledger, added up: as many as one transaction takes. Pure.</summary>
internal sealed class UsageStep
{
    /// <summary>The cursor and how far the days are stand beside them.</summary>
    private const int RowsMax = StoreLimits.WritesMax - 2;

    /// <summary>Names of tags by which an account's days are added up: the first that it used.</summary>
    private const int TagsMax = 50;

    private readonly Dictionary<UsageCombination, UsageSums> hours = [];
    private readonly Dictionary<RevenueKey, RevenueSums> revenue = [];
    private readonly Dictionary<UsageDay, Dictionary<string, UsageSums>> days = [];
    private readonly List<string> tags;

    private UsageStep(IEnumerable<string> tags) => this.tags = [.. tags];

    public IReadOnlyDictionary<UsageCombination, UsageSums> Hours => hours;

    public IReadOnlyDictionary<RevenueKey, RevenueSums> Revenue => revenue;

    /// <summary>By value.</summary>
    public IReadOnlyDictionary<UsageDay, Dictionary<string, UsageSums>> Days => days;

    /// <summary>Those that were there, and those that came.</summary>
    public IReadOnlyList<string> Tags => tags;

    /// <summary>The last entry that is in it.</summary>
    public required LedgerEntry Last { get; set; }

    private int Rows => hours.Count + revenue.Count + days.Count;

    /// <param name="entries">At least one. Whatever is in it, the first fits: it has at most ten tags.</param>
    /// <param name="hoursThrough">Entries up to this are in the hours already, and come to the days only.</param>
    public static UsageStep Of(IReadOnlyList<LedgerEntry> entries, long hoursThrough, IEnumerable<string> tags)
    {
        var step = new UsageStep(tags) { Last = entries[0] };
        foreach (var entry in entries)
        {
            if (!step.TryAdd(entry, isInHours: entry.Sequence <= hoursThrough)) break;
            step.Last = entry;
        }

        return step;
    }

    private bool TryAdd(LedgerEntry entry, bool isInHours)
    {
        if (entry.Request is null) return true;

        var charged = entry.IsCharge ? UsageCombination.Of(entry) : null;
        if (charged is not null) NameTags(charged);
        var inDays = charged is null ? [] : UsageDay.Of(charged, tags).ToArray();
        var isNewHour = charged is not null && !isInHours && !hours.ContainsKey(charged);
        var isNewRevenue = !isInHours && !revenue.ContainsKey(RevenueKey.Of(entry));
        if (Rows + inDays.Count(each => !days.ContainsKey(each.Day)) + (isNewHour ? 1 : 0) + (isNewRevenue ? 1 : 0) > RowsMax) return false;

        foreach (var (day, value) in inDays) Day(day)[value] = Day(day).GetValueOrDefault(value, UsageSums.None) + UsageSums.Of(entry);
        if (isInHours) return true;
        if (charged is not null) hours[charged] = hours.GetValueOrDefault(charged, UsageSums.None) + UsageSums.Of(entry);
        revenue[RevenueKey.Of(entry)] = revenue.GetValueOrDefault(RevenueKey.Of(entry), RevenueSums.None) + RevenueSums.Of(entry);
        return true;
    }

    /// <summary>A name that comes here with an entry that does not fit any more is there before it: that entry is the next to come.</summary>
    private void NameTags(UsageCombination charged)
    {
        foreach (var (name, _) in charged.TagValues())
        {
            if (tags.Count < TagsMax && !tags.Contains(name)) tags.Add(name);
        }
    }

    private Dictionary<string, UsageSums> Day(UsageDay day) => days.TryGetValue(day, out var values) ? values : days[day] = new(StringComparer.Ordinal);
}
