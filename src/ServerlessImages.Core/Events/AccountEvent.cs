using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ServerlessImages.Ledger;
using ServerlessImages.Storage;

namespace ServerlessImages.Events;

/// <summary>The types of events, as the wire names them.</summary>
public static class EventTypes
{
    public const string BudgetThreshold = "budget.threshold";
    public const string BalanceLow = "balance.low";

    public const string JobSucceeded = "job.succeeded";
    public const string JobFailed = "job.failed";
    public const string JobCancelled = "job.cancelled";
    public const string JobExpired = "job.expired";

    public const string AccountWarned = "account.warned";
    public const string AccountCoolingDown = "account.cooling_down";
    public const string AccountUnderReview = "account.under_review";
    public const string AccountCleared = "account.cleared";

    public static IReadOnlyList<string> All { get; } = [BudgetThreshold, BalanceLow, AccountWarned, AccountCoolingDown, AccountUnderReview, AccountCleared, JobSucceeded, JobFailed, JobCancelled, JobExpired];
}

/// <summary>One thing that happened.</summary>
/// <param name="Data">A JSON object, as the customer reads it: a fact is told in the same words for ever.</param>
public sealed record EventFact(string Type, JsonElement Data);

/// <summary>What happened in one transaction of an account: the row <c>E|{number}</c>, written with its cause. Immutable.</summary>
/// <param name="Number">From 1 on, without gaps; the last one is in the balance.</param>
public sealed record EventRow(long Number, DateTimeOffset At, IReadOnlyList<EventFact> Facts)
{
    public Columns ToColumns() => new() { { nameof(At), At.ToUnixTimeMilliseconds() }, { nameof(Facts), JsonSerializer.Serialize(Facts) } };

    public static EventRow From(Row row) => new(
        long.Parse(LedgerRows.IdOf(row.Key), NumberStyles.None, CultureInfo.InvariantCulture),
        DateTimeOffset.FromUnixTimeMilliseconds(row.Columns.Integer(nameof(At))),
        JsonSerializer.Deserialize<EventFact[]>(row.Columns.Text(nameof(Facts)))!);
}

/// <summary>An event as it is listed: one fact of a row.</summary>
public sealed record AccountEvent(EventId Id, string Type, DateTimeOffset At, JsonElement Data);

/// <summary>
/// Where an event stands: <c>evt_{number, 12 digits}{place in its row, 1 hex digit}{8 hex digits}</c>. The last are of a hash with the partition, so that no two accounts have an id in
/// common, nor an account and its test mode.
/// </summary>
public sealed record EventId(long Number, int Place)
{
    private const string Prefix = "evt_";
    private const int NumberDigits = 12;
    private const int Length = 25;

    public string ToText(LedgerPartition partition)
    {
        var place = string.Create(CultureInfo.InvariantCulture, $"{Number:D12}{Place:x}");
        return Prefix + place + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{partition.Key}|{place}")))[..8];
    }

    /// <returns>Null for what is no id of this partition.</returns>
    public static EventId? Parse(LedgerPartition partition, string text)
    {
        if (text.Length != Length || !text.StartsWith(Prefix, StringComparison.Ordinal)) return null;
        var isNumber = long.TryParse(text.AsSpan(Prefix.Length, NumberDigits), NumberStyles.None, CultureInfo.InvariantCulture, out var number);
        var isPlace = int.TryParse(text.AsSpan(Prefix.Length + NumberDigits, 1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var place);
        var id = new EventId(number, place);
        return isNumber && isPlace && id.ToText(partition) == text ? id : null;
    }
}
