using System.Globalization;
using ServerlessImages.Api.Http;

namespace ServerlessImages.Api.Pages;

/// <summary>The fields of a page's form. An input that is left empty counts as absent: browsers send it all the same.</summary>
internal sealed class PageFields : RequestFields
{
    private readonly Dictionary<string, string[]> values;

    /// <param name="token">The field that proves whose form it is, and is none of the form's own; or null.</param>
    public PageFields(IFormCollection form, FormToken? token) =>
        values = form.Where(field => field.Key != token?.Name).ToDictionary(field => field.Key, field => field.Value.OfType<string>().Where(value => value.Length > 0).ToArray(), StringComparer.Ordinal);

    /// <summary>What was typed, to be shown again beside what is wrong with it.</summary>
    public IReadOnlyDictionary<string, string> Typed => values.ToDictionary(each => each.Key, each => string.Join('\n', each.Value), StringComparer.Ordinal);

    protected override IEnumerable<string> Names => values.Keys;

    /// <summary>The boxes of a name that are ticked; empty for none.</summary>
    public IReadOnlyList<string> Ticked(string name, IReadOnlyList<string> allowed)
    {
        if (!Has(name)) return [];
        if (values[name].All(allowed.Contains)) return [.. values[name].Distinct(StringComparer.Ordinal)];
        Wrong(name, "some of " + string.Join(", ", allowed.Select(each => $"'{each}'")));
        return [];
    }

    /// <summary>The lines of a text, trimmed, without empty ones.</summary>
    public IReadOnlyList<string> Lines(string name, int linesMax, int charactersMax)
    {
        if (!Has(name)) return [];
        var lines = (TextOf(name) ?? "").Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (lines.Length <= linesMax && lines.All(line => line.Length <= charactersMax)) return lines;
        Wrong(name, $"at most {linesMax} lines of at most {charactersMax} characters");
        return [];
    }

    /// <summary>The same, each line of a form of its own.</summary>
    /// <param name="read">Null for what is none of them.</param>
    public IReadOnlyList<T> Lines<T>(string name, int linesMax, int charactersMax, Func<string, T?> read, string expected)
        where T : class
    {
        var lines = Lines(name, linesMax, charactersMax).Select(read).ToArray();
        if (lines.All(line => line is not null)) return lines!;
        Wrong(name, expected);
        return [];
    }

    /// <summary>A day from one to another.</summary>
    public DateOnly? Day(string name, DateOnly min, DateOnly max)
    {
        if (Day(name) is not { } day) return null;
        if (day >= min && day <= max) return day;
        Wrong(name, string.Create(CultureInfo.InvariantCulture, $"a day from {min:yyyy-MM-dd} to {max:yyyy-MM-dd}"));
        return null;
    }

    protected override bool Contains(string name) => values.TryGetValue(name, out var sent) && sent.Length > 0;

    protected override string? TextOf(string name) => values[name] is [var only] ? only.Trim() : null;

    protected override long? LongOf(string name) => long.TryParse(TextOf(name), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : null;

    /// <summary>A box that is ticked is sent as "true", one that is not is not sent.</summary>
    protected override bool? FlagOf(string name) => TextOf(name) switch
    {
        "true" => true,
        "false" => false,
        _ => null,
    };

    protected override IReadOnlyDictionary<string, string>? MapOf(string name) => null;
}

internal static class PageFieldsExtensions
{
    /// <summary>Reads the form of a page by its fields. One that is not in it, or has a field too many, is refused like a body of the API.</summary>
    public static async Task<PageForm<T>> ReadPageFormAsync<T>(this HttpContext http, Func<PageFields, T> read)
    {
        var fields = new PageFields(await http.Request.ReadFormAsync(http.RequestAborted), http.Features.Get<FormToken>());
        var value = read(fields);
        return new PageForm<T>(value, fields.FirstError, fields.Typed);
    }
}

/// <summary>A form that was sent.</summary>
/// <param name="Value">Good only without an <paramref name="Error"/>.</param>
internal sealed record PageForm<T>(T Value, ApiError? Error, IReadOnlyDictionary<string, string> Typed)
{
    /// <summary>The form again, as it was sent.</summary>
    public FormState AsTyped() => new(Typed, new Dictionary<string, string>());

    /// <summary>The form again, with what is wrong.</summary>
    public FormState Wrong(ApiError error) => FormState.Of(Typed, error);
}
