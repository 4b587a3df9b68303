using System.Text.Encodings.Web;
using System.Text.Json;
using ServerlessImages.Pricing;
using ServerlessImages.Storage;

namespace ServerlessImages.Usage;

/// <summary>Charges of one day, by the values of one dimension: the first hundred values of the day by name, what is beyond them together.</summary>
/// <remarks>So a row is never larger than a store takes, and a chart of three months is one page of rows, whatever somebody writes into tags.</remarks>
public sealed class DaySums
{
    public const int ValuesMax = 100;

    /// <summary>With this much of names and 19 digits for each number, the column has 40 KB of the 64 that it may have, and 96 such rows fit into a transaction.</summary>
    private const int NameCharactersMax = 6_000;

    private const string Values = nameof(Values);

    private static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly SortedDictionary<string, UsageSums> named = new(StringComparer.Ordinal);
    private int nameCharacters;

    public IReadOnlyDictionary<string, UsageSums> Named => named;

    /// <summary>Of all values that have no name here.</summary>
    public UsageSums Others { get; private set; } = UsageSums.None;

    public UsageSums Total => named.Values.Aggregate(Others, (sum, next) => sum + next);

    public void Add(string value, UsageSums sums)
    {
        if (named.TryGetValue(value, out var known)) named[value] = known + sums;
        else if (HasRoomFor(value)) Name(value, sums);
        else Others += sums;
    }

    public Columns ToColumns()
    {
        var columns = new Columns { { Values, Json() } };
        Others.AddTo(columns);
        return columns;
    }

    public static DaySums From(Columns columns)
    {
        var day = new DaySums { Others = UsageSums.From(columns) };
        using var values = JsonDocument.Parse(columns.Text(Values));
        foreach (var value in values.RootElement.EnumerateObject())
        {
            var numbers = value.Value.EnumerateArray().Select(number => number.GetInt64()).ToArray();
            day.Name(value.Name, new(numbers[0], numbers[1], new(numbers[2]), new TokenUsage(numbers[3], numbers[4], numbers[5])));
        }

        return day;
    }

    private bool HasRoomFor(string value) => named.Count < ValuesMax && nameCharacters + CharactersOf(value) <= NameCharactersMax;

    private void Name(string value, UsageSums sums)
    {
        named.Add(value, sums);
        nameCharacters += CharactersOf(value);
    }

    private static int CharactersOf(string value) => JsonEncodedText.Encode(value, Compact.Encoder).Value.Length;

    private string Json()
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, Compact))
        {
            json.WriteStartObject();
            foreach (var (value, sums) in named)
            {
                json.WriteStartArray(value);
                foreach (var number in (long[])[sums.Requests, sums.Images, sums.Amount.Micros, sums.Tokens.TextInput, sums.Tokens.ImageInput, sums.Tokens.Output]) json.WriteNumberValue(number);
                json.WriteEndArray();
            }

            json.WriteEndObject();
        }

        return System.Text.Encoding.UTF8.GetString(bytes.ToArray());
    }
}
