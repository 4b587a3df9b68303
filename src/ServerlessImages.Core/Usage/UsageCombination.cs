using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ServerlessImages.Ledger;
using ServerlessImages.Storage;

namespace ServerlessImages.Usage;

/// <summary>Everything by which usage can be told apart: one rollup row each.</summary>
/// <param name="Hour">The ledger's hour of the charge.</param>
/// <param name="Quality">As asked: may be <c>auto</c>.</param>
/// <param name="EndUser">Or "".</param>
/// <param name="Tags">As in the entry: a JSON object of strings, names in ordinal order.</param>
/// <param name="Rail">Which pot paid.</param>
public sealed record UsageCombination(LedgerHour Hour, string Model, string Quality, string KeyId, string EndUser, string Tags, Rail Rail = Rail.Prepaid)
{
    /// <summary>128 bits: the words of a row are in its columns, and no two combinations of an account will meet.</summary>
    private const int HashDigits = 32;

    /// <summary>Also of entries that are older than tags.</summary>
    private const string NoTags = "{}";

    public string RowKey => $"R|{Hour}|{Hash()}";

    public static UsageCombination Of(LedgerEntry entry)
    {
        var asked = entry.Request?.Summary ?? throw new ArgumentException("A grant is no usage.", nameof(entry));
        return Of(entry.Hour, asked, entry.Request.Rail);
    }

    public static UsageCombination Of(LedgerHour hour, RequestSummary asked, Rail rail) => new(hour, asked.Model, asked.Quality, asked.KeyId, asked.EndUser, asked.Tags.Length == 0 ? NoTags : asked.Tags, rail);

    /// <summary>The tags by name.</summary>
    public IEnumerable<(string Name, string Value)> TagValues()
    {
        if (Tags == NoTags) return [];
        using var tags = JsonDocument.Parse(Tags);
        return [.. tags.RootElement.EnumerateObject().Select(tag => (tag.Name, tag.Value.GetString()!))];
    }

    public Columns ToColumns(UsageSums sums)
    {
        var columns = new Columns
        {
            { nameof(Hour), Hour.Number },
            { nameof(Model), Model },
            { nameof(Quality), Quality },
            { nameof(KeyId), KeyId },
            { nameof(EndUser), EndUser },
            { nameof(Tags), Tags },
            { nameof(Rail), Rail.ToString() },
        };
        sums.AddTo(columns);
        return columns;
    }

    public static UsageCombination From(Columns columns) => new(
        new(columns.Integer(nameof(Hour))),
        columns.Text(nameof(Model)),
        columns.Text(nameof(Quality)),
        columns.Text(nameof(KeyId)),
        columns.Text(nameof(EndUser)),
        columns.Text(nameof(Tags)),
        Enum.Parse<Rail>(columns.Text(nameof(Rail))));

    /// <summary>Each word with its length in front, so that no two lists of words are the same text.</summary>
    private string Hash()
    {
        var text = new StringBuilder();
        foreach (var word in (string[])[Model, Quality, KeyId, EndUser, Tags, Rail.ToString()]) text.Append(CultureInfo.InvariantCulture, $"{word.Length}:{word}");
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())))[..HashDigits];
    }
}
