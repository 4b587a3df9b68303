using System.Globalization;
using System.Text;
using System.Text.Json;

namespace ServerlessImages.Abuse;

/// <summary>
/// Words and phrases that are refused before money is held. Data, from <c>blocklist.json</c>. A prompt and a phrase are compared as whole words after the same
/// folding, which an operator can explain: case, accents, wide forms and invisible characters do not count, and all that is no letter or digit separates words. No guessing at misspellings: the upstream's filter reads what gets by.
/// </summary>
public sealed class BlockList
{
    private const int EntriesMax = 1_000;
    private const int PhraseCharactersMax = 200;
    private readonly (string Phrase, string Category)[] phrases;

    private BlockList(FileJson file)
    {
        Version = file.Version;
        phrases = [.. file.Entries.SelectMany(entry => entry.Phrases.Select(phrase => (Fold(phrase), entry.Category)))];
    }

    public static string ShippedJson => DataFile.Shipped("blocklist.json");

    public string Version { get; }

    /// <exception cref="JsonException">The text is not of the form of <c>blocklist.json</c>, or a phrase has no letter or digit.</exception>
    public static BlockList Parse(string json)
    {
        var file = DataFile.Parse<FileJson>(json);
        var isSound = file.Version.Length is > 0 and <= 64 && file.Entries.Count <= EntriesMax
            && file.Entries.All(entry => entry.Category.Length is > 0 and <= 64 && entry.Phrases.All(phrase => phrase.Length <= PhraseCharactersMax && Fold(phrase).Length > 1));
        return isSound ? new(file) : throw new JsonException("The block list has a phrase without a letter or digit, or something too long.");
    }

    /// <summary>The same as <see cref="Refusal"/>, and counted: of a request that is not held because of it.</summary>
    public ApiError? Refuse(string prompt)
    {
        var refusal = Refusal(prompt);
        if (refusal is not null) Telemetry.PromptsBlocked.Add(1, KeyValuePair.Create<string, object?>("category", refusal.Moderation!.Categories[0]));
        return refusal;
    }

    /// <returns>The refusal, which names a category and never the phrase; or null.</returns>
    public ApiError? Refusal(string prompt)
    {
        if (phrases.Length == 0) return null;
        var folded = Fold(prompt);
        foreach (var (phrase, category) in phrases)
        {
            if (folded.Contains(phrase, StringComparison.Ordinal)) return ApiError.PromptOnBlockList(category, Version);
        }

        return null;
    }

    /// <summary>Words with single spaces between and around.</summary>
    private static string Fold(string text)
    {
        var words = new StringBuilder(text.Length + 2).Append(' ');
        foreach (var rune in text.EnumerateRunes())
        {
            if (Rune.IsLetterOrDigit(rune)) words.Append(Letters.Plain(rune));
            else if (Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.NonSpacingMark or UnicodeCategory.Format) && words[^1] != ' ') words.Append(' ');
        }

        return (words[^1] == ' ' ? words : words.Append(' ')).ToString();
    }

    private sealed record FileJson(string Version, IReadOnlyList<EntryJson> Entries);

    private sealed record EntryJson(string Category, IReadOnlyList<string> Phrases);
}
