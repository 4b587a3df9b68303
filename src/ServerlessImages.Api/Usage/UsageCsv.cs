using System.Globalization;
using System.Text;
using ServerlessImages.Ledger;
using ServerlessImages.Usage;

namespace ServerlessImages.Api.Usage;

/// <summary>The same report for spreadsheets: RFC 4180, with a header, in UTF-8.</summary>
internal static class UsageCsv
{
    public const string ContentType = "text/csv";

    private const string LineEnd = "\r\n";

    /// <summary>What makes a spreadsheet take a cell for a formula. Source: OWASP, "CSV Injection".</summary>
    private const string FormulaStarts = "=+-@\t\r";

    private static readonly string[] SumNames = ["requests", "images", "text_input_tokens", "image_input_tokens", "output_tokens", "amount_usd"];

    public static string Write(UsageReport report)
    {
        var csv = new StringBuilder();
        AppendLine(csv, ["start", "end", .. report.Query.GroupBy.Select(ReportAnswer.FieldOf), .. SumNames]);
        foreach (var line in report.Lines) AppendLine(csv, [Time(line.Start), Time(line.End), .. line.Values, .. Sums(line.Sums)]);
        return csv.ToString();
    }

    public static string FileName(UsageQuery query) => $"usage-{query.From}-{query.To}.csv";

    public static void AppendLine(StringBuilder csv, IEnumerable<string> cells) => csv.AppendJoin(',', cells.Select(Cell)).Append(LineEnd);

    private static string Cell(string value)
    {
        var harmless = value.Length > 0 && FormulaStarts.Contains(value[0], StringComparison.Ordinal) ? "'" + value : value;
        return harmless.AsSpan().ContainsAny(",\"\r\n") ? $"\"{harmless.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : harmless;
    }

    /// <summary>Spreadsheets read no Unix seconds.</summary>
    private static string Time(LedgerHour hour) => hour.Start.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);

    private static IEnumerable<string> Sums(UsageSums sums) =>
    [
        Number(sums.Requests), Number(sums.Images), Number(sums.Tokens.TextInput), Number(sums.Tokens.ImageInput), Number(sums.Tokens.Output), sums.Amount.ToString(),
    ];

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
