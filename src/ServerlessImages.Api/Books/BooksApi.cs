using System.Globalization;
using System.Text.Json;
using ServerlessImages.Api.Http;
using ServerlessImages.Books;
using ServerlessImages.Keys;

namespace ServerlessImages.Api.Books;

/// <summary>The nightly closing of a day, as it was written: what was added up, every row that did not fit, and what did not fit to the collector's since.</summary>
internal static class BooksApi
{
    public static void MapBooks(this WebApplication app)
    {
        foreach (var prefix in ApiPrefix.Plain) app.MapGet(prefix + "/books/{day}", FindAsync).RequireScope(Scope.UsageRead);
    }

    private static async Task FindAsync(string day, HttpContext http, FindBooks find, ErrorWriter errors)
    {
        var found = DateOnly.TryParseExact(day, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date)
            ? await find.RunAsync(http.Caller().Partition, date, http.RequestAborted)
            : ApiError.InvalidValue("day", "a day such as '2026-11-23'");
        if (found.TryGet(out var compared, out var error)) await WriteAsync(http, compared);
        else await errors.WriteAsync(http, error);
    }

    private static async Task WriteAsync(HttpContext http, ComparedDay compared)
    {
        var books = compared.Books;
        http.Response.ContentType = "application/json";
        await using var json = new Utf8JsonWriter(http.Response.BodyWriter, ErrorWriter.Readable);
        json.WriteStartObject();
        json.WriteString("object", "books");
        json.WriteString("day", BooksDay.Key(books.Day));
        json.WriteString("state", StateOf(compared.State));
        json.WriteNumber("closed_at", books.ClosedAt.ToUnixTimeSeconds());
        json.WriteNumber("first_sequence", books.From.Sequence + 1);
        json.WriteNumber("last_sequence", books.Through.Sequence);
        json.WriteString("previous_head", books.From.Head);
        json.WriteString("head", books.Through.Head);
        WriteMoney(json, books.From, books.Through);
        WriteCounts(json, books.Counts);
        json.WriteBoolean("collector_compared", compared.Comparison == Comparison.Done);
        json.WriteStartArray("differences");
        foreach (var difference in books.Differences) Write(json, difference, settledOn: null);
        foreach (var each in compared.Named) Write(json, each.Mismatch.Difference, each.SettledOn);
        json.WriteEndArray();
        json.WriteStartArray("pending");
        foreach (var each in compared.Pending) Write(json, each.Mismatch.Difference, settledOn: null);
        json.WriteEndArray();
        json.WriteString("export_sha256", books.ExportSha256);
        json.WriteString("currency", "usd");
        json.WriteEndObject();
    }

    private static void WriteMoney(Utf8JsonWriter json, LedgerFold from, LedgerFold through)
    {
        json.WriteString("granted_usd", (through.Granted - from.Granted).ToString());
        json.WriteString("refunded_usd", (through.Refunded - from.Refunded).ToString());
        json.WriteString("expired_usd", (through.Expired - from.Expired).ToString());
        json.WriteString("charged_prepaid_usd", (through.Settled - from.Settled).ToString());
        json.WriteString("charged_postpaid_usd", (through.Owed - from.Owed).ToString());
        json.WriteString("paid_usd", (through.Paid - from.Paid).ToString());
    }

    private static void WriteCounts(Utf8JsonWriter json, DayCounts counts)
    {
        json.WriteNumber("grants", counts.Grants);
        json.WriteNumber("refunds", counts.Refunds);
        json.WriteNumber("payments", counts.Payments);
        json.WriteNumber("requests_charged", counts.Charged);
        json.WriteNumber("requests_failed", counts.Voided);
        json.WriteNumber("requests_expired", counts.Expired);
        json.WriteNumber("images", counts.Images);
    }

    public static string StateOf(BooksState state) => state switch
    {
        BooksState.Different => "different",
        BooksState.Pending => "pending",
        _ => "balanced",
    };

    private static void Write(Utf8JsonWriter json, Difference difference, DateOnly? settledOn)
    {
        json.WriteStartObject();
        json.WriteString("code", difference.Code);
        json.WriteString("row", difference.Row);
        json.WriteString("expected", difference.Expected);
        json.WriteString("found", difference.Found);
        if (difference.CollectorRow.Length > 0) json.WriteString("collector_row", difference.CollectorRow);
        if (settledOn is { } day) json.WriteString("settled_on", BooksDay.Key(day));
        json.WriteEndObject();
    }
}
