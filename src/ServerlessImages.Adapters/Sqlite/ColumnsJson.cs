using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using ServerlessImages.Storage;

namespace ServerlessImages.Sqlite;

/// <summary>The columns of a row as one compact JSON object: a number is an integer, a string is a string. <c>CAST(columns AS TEXT)</c> shows it.</summary>
internal static class ColumnsJson
{
    private static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    public static byte[] Write(Columns columns)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer, Compact))
        {
            json.WriteStartObject();
            foreach (var (name, value) in columns)
            {
                if (value is long number) json.WriteNumber(name, number);
                else json.WriteString(name, (string)value);
            }

            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    public static Columns Read(ReadOnlySpan<byte> bytes)
    {
        var columns = new Columns();
        var json = new Utf8JsonReader(bytes);
        json.Read();
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var name = json.GetString()!;
            json.Read();
            if (json.TokenType == JsonTokenType.Number) columns.Add(name, json.GetInt64());
            else columns.Add(name, json.GetString()!);
        }

        return columns;
    }
}
