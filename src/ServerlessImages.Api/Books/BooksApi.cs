using System.Globalization;
using System.Text.Json;
using ServerlessImages.Api.Http;
using ServerlessImages.Books;
using ServerlessImages.Keys;

namespace ServerlessImages.Api.Books;

/// <summary>The nightly closing of a day, as it was written: what was added up, and every row that did not fit.</summary>
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
        if (found.TryGet(out var books, out var error)) await WriteAsync(http, books);
        else await errors.WriteAsync(http, error);
    }

    private static async Task WriteAsync(HttpContext http, BooksDay books)
    {
        http.Response.ContentType = "application/json";
        await using var json = new Utf8JsonWriter(http.Response.BodyWriter, ErrorWriter.Readable);
        json.WriteStartObject();
        json.WriteString("object", "books");
        json.WriteString("day", BooksDay.Key(books.Day));
        json.WriteString("state", books.Differences.Count == 0 ? "balanced" : "different");
        json.WriteNumber("closed_at", books.ClosedAt.ToUnixTimeSeconds());
        json.WriteNumber("first_sequence", books.From.Sequence + 1);
        json.WriteNumber("last_sequence", books.Through.Sequence);
        json.WriteString("previous_head", books.From.Head);
        json.WriteString("head", books.Through.Head);
        WriteMoney(json, books.From, books.Through);
        WriteCounts(json, books.Counts);
        WriteDifferences(json, books.Differences);
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

    private static void WriteDifferences(Utf8JsonWriter json, IReadOnlyList<Difference> differences)
    {
        json.WriteStartArray("differences");
        foreach (var difference in differences)
        {
            json.WriteStartObject();
            json.WriteString("code", difference.Code);
            json.WriteString("row", difference.Row);
            json.WriteString("expected", difference.Expected);
            json.WriteString("found", difference.Found);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
