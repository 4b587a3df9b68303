using System.Text.Json;
using ServerlessImages.Storage;

namespace ServerlessImages.Ledger;

/// <summary>What a hold is for, copied to the entry that closes it. Never the prompt.</summary>
/// <param name="Operation"><c>generation</c> or <c>edit</c>.</param>
/// <param name="Size">As asked: <c>1024x1024</c> or <c>auto</c>.</param>
/// <param name="Fingerprint">SHA-256 of the parsed request, in hex: equal for equal requests, whatever their bytes.</param>
/// <param name="Retention">How long the result is kept: <c>default</c>, <c>kept</c> or <c>dropped</c>.</param>
/// <param name="EndUser">The caller's own customer, or "".</param>
/// <param name="Tags">The caller's own words for reports: a JSON object of strings, names in ordinal order.</param>
public sealed record RequestSummary(
    string Operation,
    string KeyId,
    string Model,
    int Count,
    string Size,
    string Quality,
    string Format,
    string PriceVersion,
    string Fingerprint,
    string Retention = "default",
    string EndUser = "",
    string Tags = "{}")
{
    public static string TagsJson(IReadOnlyDictionary<string, string> tags) => JsonSerializer.Serialize(new SortedDictionary<string, string>(tags.ToDictionary(), StringComparer.Ordinal));

    public void AddTo(Columns columns)
    {
        columns.Add(nameof(Operation), Operation);
        columns.Add(nameof(KeyId), KeyId);
        columns.Add(nameof(Model), Model);
        columns.Add(nameof(Count), Count);
        columns.Add(nameof(Size), Size);
        columns.Add(nameof(Quality), Quality);
        columns.Add(nameof(Format), Format);
        columns.Add(nameof(PriceVersion), PriceVersion);
        columns.Add(nameof(Fingerprint), Fingerprint);
        columns.Add(nameof(Retention), Retention);
        columns.Add(nameof(EndUser), EndUser);
        columns.Add(nameof(Tags), Tags);
    }

    public static RequestSummary From(Columns columns) => new(
        columns.Text(nameof(Operation)),
        columns.Text(nameof(KeyId)),
        columns.Text(nameof(Model)),
        checked((int)columns.Integer(nameof(Count))),
        columns.Text(nameof(Size)),
        columns.Text(nameof(Quality)),
        columns.Text(nameof(Format)),
        columns.Text(nameof(PriceVersion)),
        columns.Text(nameof(Fingerprint)),
        columns.Text(nameof(Retention)),
        columns.Text(nameof(EndUser)),
        columns.Text(nameof(Tags)));
}
