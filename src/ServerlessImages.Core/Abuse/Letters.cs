using System.Text;

namespace ServerlessImages.Abuse;

/// <summary>Letters without their accents. A table of our own: without the culture data that the app leaves out, the base library composes and decomposes nothing.</summary>
internal static class Letters
{
    private const int WideFirst = 0xFF01;
    private const int WideLast = 0xFF5E;
    private const int WideOffset = 0xFEE0;

    /// <summary>Each plain letter, and those of Latin-1 and Latin Extended-A that are read as it.</summary>
    private static readonly (string Plain, string Accented)[] Table =
    [
        ("a", "àáâãäåāăą"), ("ae", "æ"), ("c", "çćĉċč"), ("d", "ďđð"), ("e", "èéêëēĕėęě"), ("g", "ĝğġģ"), ("h", "ĥħ"), ("i", "ìíîïĩīĭįı"), ("j", "ĵ"), ("k", "ķ"), ("l", "ĺļľŀł"),
        ("n", "ñńņňŉ"), ("o", "òóôõöøōŏő"), ("oe", "œ"), ("r", "ŕŗř"), ("s", "śŝşšſ"), ("ss", "ß"), ("t", "ţťŧ"), ("u", "ùúûüũūŭůűų"), ("w", "ŵ"), ("y", "ýÿŷ"), ("z", "źżž"),
    ];

    private static readonly Dictionary<Rune, string> PlainOf = Table.SelectMany(each => each.Accented.EnumerateRunes().Select(letter => (letter, each.Plain))).ToDictionary(each => each.letter, each => each.Plain);

    /// <summary>In lower case.</summary>
    public static string Plain(Rune letter)
    {
        var narrow = letter.Value is >= WideFirst and <= WideLast ? new Rune(letter.Value - WideOffset) : letter;
        var lower = Rune.ToLowerInvariant(narrow);
        return PlainOf.GetValueOrDefault(lower) ?? lower.ToString();
    }
}
