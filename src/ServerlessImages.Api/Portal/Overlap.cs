using System.Globalization;
using ServerlessImages.Api.Pages;

namespace ServerlessImages.Api.Portal;

/// <summary>How long what is replaced goes on beside what replaces it: a few choices out of what the API takes.</summary>
internal static class Overlap
{
    private const string Name = "overlap_seconds";

    /// <summary>In seconds, and as it is shown.</summary>
    public static IReadOnlyList<(string Seconds, string Text)> Choices { get; } = [("0", "not at all: it ends at once"), ("3600", "for an hour"), ("86400", "for a day"), ("604800", "for 7 days")];

    /// <summary>Has an error where none was chosen.</summary>
    public static async Task<PageForm<TimeSpan>> ReadAsync(HttpContext http)
    {
        var form = await http.ReadPageFormAsync(fields => fields.OneOf(Name, [.. Choices.Select(each => each.Seconds)]));
        var seconds = form.Value is null ? 0 : int.Parse(form.Value, CultureInfo.InvariantCulture);
        return new PageForm<TimeSpan>(TimeSpan.FromSeconds(seconds), form.Error ?? (form.Value is null ? ApiError.MissingParameter(Name) : null), form.Typed);
    }
}
