using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ServerlessImages.Storage;

namespace ServerlessImages.Ledger;

/// <summary>
/// The chain over a partition's entries: head = SHA-256(previous head as 64 hex digits ‖ canonical entry). The canonical entry is the UTF-8 JSON object
/// of <c>Key</c> (its row key) and its columns, names in ordinal order, without spaces; integers as numbers, everything else as strings, in which only what JSON demands is escaped (RFC 8785, section 3.2.2.2). The columns
/// <c>Token</c> (who wrote it) and <c>Previous</c> are left out. Anyone with the rows can recompute it.
/// </summary>
public static class EntryChain
{
    /// <summary>What the row key is called among an entry's columns.</summary>
    public const string KeyMember = "Key";

    /// <summary>The head of a partition without entries.</summary>
    public static string Start { get; } = new('0', 64);

    public static string Next(string head, string key, Columns entry) =>
        Convert.ToHexStringLower(SHA256.HashData([.. Encoding.ASCII.GetBytes(head), .. Canonical(key, entry)]));

    /// <summary>An entry as it is hashed.</summary>
    public static byte[] Canonical(string key, Columns entry)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            foreach (var (name, value) in entry.Append(new(KeyMember, key)).Where(IsHashed).OrderBy(column => column.Key, StringComparer.Ordinal)) Write(json, name, value);
            json.WriteEndObject();
        }

        return buffer.ToArray();
    }

    private static bool IsHashed(KeyValuePair<string, object> column) => column.Key is not (LedgerRows.TokenColumn or LedgerRows.PreviousColumn);

    private static void Write(Utf8JsonWriter json, string name, object value)
    {
        json.WritePropertyName(name);
        if (value is long integer) json.WriteNumberValue(integer);
        else json.WriteRawValue(Quoted((string)value));
    }

    /// <summary>The framework's own encoders escape more, and what they escape changes with the Unicode version of the run time.</summary>
    private static string Quoted(string text)
    {
        var json = new StringBuilder("\"", text.Length + 2);
        foreach (var letter in text)
        {
            _ = letter switch
            {
                '"' or '\\' => json.Append('\\').Append(letter),
                '\b' => json.Append("\\b"),
                '\f' => json.Append("\\f"),
                '\n' => json.Append("\\n"),
                '\r' => json.Append("\\r"),
                '\t' => json.Append("\\t"),
                < ' ' => json.Append(CultureInfo.InvariantCulture, $"\\u{(int)letter:x4}"),
                _ => json.Append(letter),
            };
        }

        return json.Append('"').ToString();
    }
}
