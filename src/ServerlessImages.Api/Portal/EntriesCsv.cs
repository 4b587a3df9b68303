using System.Globalization;
using System.Text;
using ServerlessImages.Api.Usage;
using ServerlessImages.Images;
using ServerlessImages.Ledger;

namespace ServerlessImages.Api.Portal;

/// <summary>Entries of the ledger for spreadsheets, a line for each.</summary>
internal static class EntriesCsv
{
    public static string Head { get; } = Line(["sequence", "type", "id", "at", "amount_usd", "grant_id", "model", "quality", "images", "key_id", "end_user", "tags", "price_version", "quote_usd", "rail", "previous", "head"]);

    public static string Line(ChainedEntry chained)
    {
        var (entry, request) = (chained.Entry, chained.Entry.Request);
        return Line(
        [
            Number(entry.Sequence), entry.Type.ToWire(), entry.Id, entry.At.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture), entry.Amount.ToString(), entry.GrantId,
            request?.Summary.Model ?? "", request?.Summary.Quality ?? "", request is null ? "" : Number(request.Images), request?.Summary.KeyId ?? "", request?.Summary.EndUser ?? "", request?.Summary.Tags ?? "",
            request?.Summary.PriceVersion ?? "", request?.Quote.ToString() ?? "", request?.Rail.ToWire() ?? "", entry.Previous, chained.Head,
        ]);
    }

    private static string Line(IEnumerable<string> cells)
    {
        var line = new StringBuilder();
        UsageCsv.AppendLine(line, cells);
        return line.ToString();
    }

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
