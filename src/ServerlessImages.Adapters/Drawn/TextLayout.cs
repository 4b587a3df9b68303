using System.Text;

namespace ServerlessImages.Drawn;

/// <summary>Breaks words into lines that fit a width.</summary>
/// <param name="Whole">False if words had to be left out; the last line then ends in an ellipsis.</param>
internal sealed record TextLayout(IReadOnlyList<string> Lines, bool Whole)
{
    private const string Ellipsis = "…";

    public static TextLayout Fit(string text, float width, int linesMax, Func<string, float> measure)
    {
        var lines = new List<string>();
        var line = "";
        foreach (var piece in Pieces(text, width, measure))
        {
            var longer = line.Length == 0 ? piece : line + " " + piece;
            if (line.Length == 0 || measure(longer) <= width)
            {
                line = longer;
                continue;
            }

            lines.Add(line);
            line = piece;
            if (lines.Count == linesMax) return new(Shortened(lines, width, measure), Whole: false);
        }

        if (line.Length > 0) lines.Add(line);
        return new(lines, Whole: true);
    }

    /// <summary>The same words in as many lines, but about equally long: no last line of one word.</summary>
    public static TextLayout FitEvenly(string text, float width, int linesMax, Func<string, float> measure)
    {
        var fitted = Fit(text, width, linesMax, measure);
        if (!fitted.Whole || fitted.Lines.Count < 2) return fitted;

        var widestWord = text.Split(' ').Max(measure);
        var lines = fitted.Lines.Count;
        for (var narrower = 0.95f * width; narrower > Math.Max(widestWord, 0.5f * width); narrower -= 0.05f * width)
        {
            var even = Fit(text, narrower, lines, measure);
            if (!even.Whole) break;
            fitted = even;
        }

        return fitted;
    }

    /// <summary>The words; one that is wider than a line is cut into pieces that are not.</summary>
    private static IEnumerable<string> Pieces(string text, float width, Func<string, float> measure)
    {
        foreach (var word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (measure(word) <= width)
            {
                yield return word;
                continue;
            }

            var piece = new StringBuilder();
            foreach (var rune in word.EnumerateRunes())
            {
                if (piece.Length > 0 && measure(piece.ToString() + rune) > width)
                {
                    yield return piece.ToString();
                    piece.Clear();
                }

                piece.Append(rune.ToString());
            }

            yield return piece.ToString();
        }
    }

    private static List<string> Shortened(List<string> lines, float width, Func<string, float> measure)
    {
        var last = lines[^1];
        while (last.Length > 0 && measure(last + Ellipsis) > width) last = last[..^1];
        lines[^1] = last.TrimEnd(' ', ',', '.', ';', ':', '-') + Ellipsis;
        return lines;
    }
}
