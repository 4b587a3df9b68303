using System.Globalization;
using System.Text.Json;
using ServerlessImages.Ledger;
using ServerlessImages.Storage;

namespace ServerlessImages.Books;

/// <summary>One closed day of one account: the row <c>{yyyy-MM-dd}</c> of its partition in the table <c>books</c>. Written once.</summary>
/// <param name="From">What the entries said when the day began.</param>
/// <param name="Through">What they said when it was over.</param>
/// <param name="Parts">Of how many files its export is.</param>
/// <param name="ExportSha256">Of the last of them, in hex: each file names the one before it.</param>
/// <param name="Differences">None: the books are balanced.</param>
public sealed record BooksDay(DateOnly Day, DateTimeOffset ClosedAt, LedgerFold From, LedgerFold Through, DayCounts Counts, int Parts, string ExportSha256, IReadOnlyList<Difference> Differences)
{
    /// <summary>The first ones name the trouble. One takes at most some 260 characters, and a column has room for 32,000.</summary>
    public const int DifferencesMax = 100;

    public static string Key(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    public Columns ToColumns() => new() { { "Json", JsonSerializer.Serialize(this with { Differences = [.. Differences.Take(DifferencesMax)] }) } };

    public static BooksDay Parse(Row row) => JsonSerializer.Deserialize<BooksDay>(row.Columns.Text("Json"))!;
}

/// <summary>How many entries a day had, by kind, and how many images were delivered in it.</summary>
/// <param name="Refunds">Disputes among them. A reversal, or a grant that expires, is counted nowhere: it is in the money.</param>
public sealed record DayCounts(int Grants, int Refunds, int Payments, int Charged, int Voided, int Expired, int Images)
{
    public DayCounts Add(LedgerEntry entry) => entry.Type switch
    {
        EntryType.Grant => this with { Grants = Grants + 1 },
        EntryType.Refund or EntryType.Dispute => this with { Refunds = Refunds + 1 },
        EntryType.Reversal or EntryType.ExpireGrant => this,
        EntryType.Payment => this with { Payments = Payments + 1 },
        EntryType.Void => this with { Voided = Voided + 1 },
        EntryType.Expire => this with { Expired = Expired + 1 },
        _ => this with { Charged = Charged + 1, Images = Images + entry.Request!.Images },
    };
}

/// <summary>How far the books are closed: the row <c>C</c>, replaced together with the insertion of each day.</summary>
/// <param name="Day">The last closed day.</param>
/// <param name="ETag">The version of the row, or "" before the first day.</param>
public sealed record BooksCheckpoint(DateOnly Day, LedgerFold Through, string ExportSha256, string ETag)
{
    public const string RowKey = "C";

    public static BooksCheckpoint Start { get; } = new(DateOnly.MinValue, LedgerFold.Empty, "", "");

    public Columns ToColumns() => new()
    {
        { nameof(Day), BooksDay.Key(Day) },
        { nameof(LedgerFold.Granted), Through.Granted.Micros },
        { nameof(LedgerFold.Refunded), Through.Refunded.Micros },
        { nameof(LedgerFold.Expired), Through.Expired.Micros },
        { nameof(LedgerFold.Expiring), Through.Expiring.ToText() },
        { nameof(LedgerFold.Settled), Through.Settled.Micros },
        { nameof(LedgerFold.Owed), Through.Owed.Micros },
        { nameof(LedgerFold.Paid), Through.Paid.Micros },
        { nameof(LedgerFold.Sequence), Through.Sequence },
        { nameof(LedgerFold.Head), Through.Head },
        { nameof(ExportSha256), ExportSha256 },
    };

    public static BooksCheckpoint From(Row row)
    {
        var columns = row.Columns;
        var through = new LedgerFold(
            new(columns.Integer(nameof(LedgerFold.Granted))),
            new(columns.Integer(nameof(LedgerFold.Refunded))),
            new(columns.Integer(nameof(LedgerFold.Settled))),
            new(columns.Integer(nameof(LedgerFold.Owed))),
            new(columns.Integer(nameof(LedgerFold.Paid))),
            columns.Integer(nameof(LedgerFold.Sequence)),
            columns.Text(nameof(LedgerFold.Head)))
        {
            Expired = new(columns.Integer(nameof(LedgerFold.Expired))),
            Expiring = ExpiringCredit.Parse(columns.Text(nameof(LedgerFold.Expiring))),
        };
        return new(DateOnly.ParseExact(columns.Text(nameof(Day)), "yyyy-MM-dd", CultureInfo.InvariantCulture), through, columns.Text(nameof(ExportSha256)), row.ETag);
    }
}
