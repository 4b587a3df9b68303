using System.Globalization;

namespace ServerlessImages.Ledger;

/// <summary>
/// A clock hour in UTC, as the ledger counts time: it moves forward only, by whichever instance's clock is ahead, so that every sum of an hour, a day or a
/// month is closed once and for all when the next one has begun.
/// </summary>
/// <param name="Number">Hours since 1970.</param>
public readonly record struct LedgerHour(long Number) : IComparable<LedgerHour>
{
    public static LedgerHour Of(DateTimeOffset time) => new(time.ToUnixTimeSeconds() / 3_600);

    public DateTimeOffset Start => DateTimeOffset.FromUnixTimeSeconds(Number * 3_600);

    /// <summary>Days since 1970.</summary>
    public long Day => Number / 24;

    /// <summary>Months since the year 0.</summary>
    public long Month => (Start.Year * 12L) + Start.Month - 1;

    public DateTimeOffset NextDay => DateTimeOffset.FromUnixTimeSeconds((Day + 1) * 86_400);

    public DateTimeOffset NextMonth => new DateTimeOffset(Start.Year, Start.Month, 1, 0, 0, 0, TimeSpan.Zero).AddMonths(1);

    public int CompareTo(LedgerHour other) => Number.CompareTo(other.Number);

    public static bool operator <(LedgerHour left, LedgerHour right) => left.Number < right.Number;

    public static bool operator >(LedgerHour left, LedgerHour right) => left.Number > right.Number;

    public static bool operator <=(LedgerHour left, LedgerHour right) => left.Number <= right.Number;

    public static bool operator >=(LedgerHour left, LedgerHour right) => left.Number >= right.Number;

    /// <summary>As in row keys: <c>2026112312</c>.</summary>
    public override string ToString() => Start.ToString("yyyyMMddHH", CultureInfo.InvariantCulture);
}
