using System.Globalization;
using ServerlessImages.Events;

namespace ServerlessImages.Webhooks;

/// <summary>
/// The rows of the table <c>webhooks</c>. PartitionKey is the ledger partition; RowKey is one of
/// <list type="bullet">
/// <item><c>V</c>: which types of events are wanted, how many endpoints are broken, and the number of changes so far (<see cref="WantedEvents"/>). Every change of an endpoint leads with it.</item>
/// <item><c>W|{endpoint}</c>: an endpoint (<see cref="WebhookEndpoint"/>), with the number of the last event that it was given deliveries of.</item>
/// <item><c>P|{endpoint}|{due}|{event}</c>: a delivery that waits. <c>due</c> is in Unix milliseconds of 15 digits, so that what is due first is read first.</item>
/// <item><c>L|{endpoint}|{until}|{event}</c>: the same while it is attempted. When its time is over, whoever attempted it is gone.</item>
/// <item><c>D|{endpoint}|{event, counted down}</c>: what became of a delivery (<see cref="DeliveryRecord"/>), the newest first.</item>
/// </list>
/// A delivery that is not over has one row <c>P</c> or <c>L</c>: whoever deletes that under its ETag writes the delivery's next state, and nobody else can.
/// </summary>
public static class WebhookRows
{
    public const string Wanted = "V";

    private const long NumberMax = 999_999_999_999;
    private const int PlaceMax = 15;
    private const int DueDigits = 15;

    public const string EndpointsStart = "W|";

    public const string EndpointsEnd = "W}";

    public static string Endpoint(string id) => EndpointsStart + id;

    public static string WaitingStart(string endpoint) => $"P|{endpoint}|";

    /// <summary>The first key after all that is due.</summary>
    public static string DueEnd(string endpoint, DateTimeOffset now) => $"P|{endpoint}|{Time(now)}~";

    public static string Waiting(string endpoint, DateTimeOffset due, EventId id) => $"P|{endpoint}|{Time(due)}|{Place(id.Number, id.Place)}";

    public static string LeasedStart(string endpoint) => $"L|{endpoint}|";

    public static string Leased(string endpoint, DateTimeOffset until, EventId id) => $"L|{endpoint}|{Time(until)}|{Place(id.Number, id.Place)}";

    public static string RecordsStart(string endpoint) => $"D|{endpoint}|";

    /// <summary>The newest first: stores read in one direction only.</summary>
    public static string Record(string endpoint, EventId id) => $"D|{endpoint}|{Place(NumberMax - id.Number, PlaceMax - id.Place)}";

    /// <summary>The first key after all that begin so.</summary>
    public static string EndOf(string start) => start + "~";

    public static DateTimeOffset TimeOf(string key) =>
        DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(key.Split('|')[2], NumberStyles.None, CultureInfo.InvariantCulture));

    private static string Time(DateTimeOffset time) => time.ToUnixTimeMilliseconds().ToString("D" + DueDigits, CultureInfo.InvariantCulture);

    private static string Place(long number, int place) => string.Create(CultureInfo.InvariantCulture, $"{number:D12}{place:x}");
}
