using System.Text;

namespace ServerlessImages.Drawn;

/// <summary>What of a prompt the font can show.</summary>
internal static class Legible
{
    /// <summary>More than the smallest letters show; a prompt may have 32,000.</summary>
    private const int CharactersMax = 1_200;

    private const string Untitled = "Untitled";

    /// <summary>Letters without a glyph become an ellipsis, once for a run of them; emoji and marks without one are left out; white space becomes one space.</summary>
    public static string Text(string prompt)
    {
        var text = new StringBuilder();
        foreach (var rune in prompt.AsSpan(0, Math.Min(prompt.Length, CharactersMax)).EnumerateRunes())
        {
            if (Rune.IsWhiteSpace(rune) || Rune.IsControl(rune)) Append(text, ' ');
            else if (PaintingFont.Has(rune)) text.Append(rune.ToString());
            else if (Rune.IsLetterOrDigit(rune)) Append(text, '…');
        }

        var legible = text.ToString().Trim();
        return legible.Trim('…', ' ').Length == 0 ? Untitled : legible;
    }

    private static void Append(StringBuilder text, char mark)
    {
        if (text.Length == 0 || text[^1] != mark) text.Append(mark);
    }
}
