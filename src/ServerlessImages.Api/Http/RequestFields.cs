using System.Globalization;
using ServerlessImages.Images;

namespace ServerlessImages.Api.Http;

/// <summary>
/// Reads the fields of a request one by one and keeps the first thing that is wrong; a field that nobody asked for is wrong too. A JSON null counts as absent:
/// SDKs send it for what their caller left out.
/// </summary>
internal abstract class RequestFields
{
    private const int NameCharactersShown = 64;
    private readonly HashSet<string> known = new(StringComparer.Ordinal);
    private ApiError? firstError;

    public ApiError? FirstError => Names.FirstOrDefault(name => !known.Contains(name)) is { } unknown ? ApiError.UnknownParameter(Shown(unknown)) : firstError;

    protected abstract IEnumerable<string> Names { get; }

    public bool Has(string name)
    {
        known.Add(name);
        return Contains(name);
    }

    /// <summary>A string of 1 to <paramref name="charactersMax"/> UTF-16 characters.</summary>
    public string? Text(string name, int charactersMax)
    {
        if (!Has(name)) return null;
        return TextOf(name) is { Length: > 0 } text && text.Length <= charactersMax ? text : Wrong(name, $"a string of 1 to {charactersMax} characters");
    }

    /// <summary>The same, of a form of its own.</summary>
    public string? Text(string name, int charactersMax, Func<string, bool> isTaken, string expected)
    {
        if (!Has(name)) return null;
        return TextOf(name) is { Length: > 0 } text && text.Length <= charactersMax && isTaken(text) ? text : Wrong(name, expected);
    }

    public int? Integer(string name, int min, int max)
    {
        if (!Has(name)) return null;
        if (LongOf(name) is { } value && value >= min && value <= max) return (int)value;
        Wrong(name, $"a whole number from {min} to {max}");
        return null;
    }

    /// <summary>A time in whole Unix seconds, after one and at most another.</summary>
    public DateTimeOffset? Time(string name, DateTimeOffset after, DateTimeOffset max)
    {
        if (!Has(name)) return null;
        if (LongOf(name) is { } value && value > after.ToUnixTimeSeconds() && value <= max.ToUnixTimeSeconds()) return DateTimeOffset.FromUnixTimeSeconds(value);
        Wrong(name, $"a time in Unix seconds, after {after.ToUnixTimeSeconds()} and at most {max.ToUnixTimeSeconds()}");
        return null;
    }

    /// <summary>A day such as <c>2026-11-23</c>.</summary>
    public DateOnly? Day(string name)
    {
        if (!Has(name)) return null;
        if (DateOnly.TryParseExact(TextOf(name), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)) return day;
        Wrong(name, "a day such as '2026-11-23'");
        return null;
    }

    public bool? Flag(string name)
    {
        if (!Has(name)) return null;
        if (FlagOf(name) is { } value) return value;
        Wrong(name, "true or false");
        return null;
    }

    public T Word<T>(string name)
        where T : struct, Enum => OptionalWord<T>(name) ?? default;

    public T? OptionalWord<T>(string name)
        where T : struct, Enum
    {
        if (!Has(name)) return null;
        if (TextOf(name) is { } word && WireNames.TryFromWire<T>(word, out var value)) return value;
        Wrong(name, "one of " + string.Join(", ", Enum.GetValues<T>().Select(each => $"'{each.ToWire()}'")));
        return null;
    }

    public string? OneOf(string name, params string[] words)
    {
        if (!Has(name)) return null;
        return TextOf(name) is { } word && words.Contains(word) ? word : Wrong(name, "one of " + string.Join(", ", words.Select(each => $"'{each}'")));
    }

    /// <summary>An amount above zero: a decimal string of dollars with at most six places.</summary>
    public Money? Dollars(string name, bool orNone = false)
    {
        if (!Has(name)) return null;
        var isNumber = decimal.TryParse(TextOf(name), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var dollars);
        if (isNumber && dollars <= 1_000_000 && (dollars > 0 || (orNone && dollars == 0)) && decimal.Round(dollars, 6) == dollars) return new Money((long)(dollars * Money.MicrosPerDollar));
        Wrong(name, "a decimal string of dollars with at most six places, such as '0.05'");
        return null;
    }

    /// <summary>Names and values, each a string of 1 to <paramref name="charactersMax"/> characters.</summary>
    public IReadOnlyDictionary<string, string> Map(string name, int entriesMax, int charactersMax)
    {
        var none = new Dictionary<string, string>();
        if (!Has(name)) return none;
        var map = MapOf(name);
        if (map is not null && map.Count <= entriesMax && map.All(pair => IsWord(pair.Key) && IsWord(pair.Value))) return map;
        Wrong(name, $"an object of at most {entriesMax} strings, names and values of 1 to {charactersMax} characters");
        return none;

        bool IsWord(string text) => text.Length > 0 && text.Length <= charactersMax;
    }

    /// <returns>Whether the field is there and says something.</returns>
    protected abstract bool Contains(string name);

    /// <returns>Null if the field is no text.</returns>
    protected abstract string? TextOf(string name);

    /// <returns>Null if the field is no whole number.</returns>
    protected abstract long? LongOf(string name);

    protected abstract bool? FlagOf(string name);

    protected abstract IReadOnlyDictionary<string, string>? MapOf(string name);

    /// <summary>Notes what is wrong with a field, unless something was wrong before.</summary>
    protected string? Wrong(string name, string expected)
    {
        firstError ??= ApiError.InvalidValue(name, expected);
        return null;
    }

    /// <summary>A caller's own word in our answer, bounded.</summary>
    private static string Shown(string name) => name.Length <= NameCharactersShown ? name : name[..NameCharactersShown] + "…";
}
