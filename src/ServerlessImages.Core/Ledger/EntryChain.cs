using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using ServerlessImages.Storage;

namespace ServerlessImages.Ledger;

/// <summary>
/// The chain over a partition's entries: head = SHA-256(previous head as 64 hex digits ‖ canonical entry). The canonical entry is the UTF-8 JSON object
/// of <c>Key</c> (its row key) and its columns, names in ordinal order, without spaces; integers as numbers, everything else as strings. The columns
/// <c>Token</c> (who wrote it) and <c>Previous</c> are left out. Anyone with the rows can recompute it.
/// </summary>
public static class EntryChain
{
    // Nothing beyond what JSON demands is escaped, so that any JSON writer can make the same bytes.
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The head of a partition without entries.</summary>
    public static string Start { get; } = new('0', 64);

    public static string Next(string head, string key, Columns entry) =>
        Convert.ToHexStringLower(SHA256.HashData([.. Encoding.ASCII.GetBytes(head), .. Canonical(key, entry)]));

    private static byte[] Canonical(string key, Columns entry)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, Plain))
        {
            json.WriteStartObject();
            foreach (var (name, value) in entry.Append(new("Key", key)).Where(IsHashed).OrderBy(column => column.Key, StringComparer.Ordinal)) Write(json, name, value);
            json.WriteEndObject();
        }

        return buffer.ToArray();
    }

    private static bool IsHashed(KeyValuePair<string, object> column) => column.Key is not (LedgerRows.TokenColumn or LedgerRows.PreviousColumn);

    private static void Write(Utf8JsonWriter json, string name, object value)
    {
        if (value is long integer) json.WriteNumber(name, integer);
        else json.WriteString(name, (string)value);
    }
}
