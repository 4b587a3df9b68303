using SkiaSharp;

namespace ServerlessImages.Drawn;

/// <summary>The prompt's words, set large at the foot of the picture, and under them the line that says what this is.</summary>
internal static class Lettering
{
    private const string Caption = "drawn locally · no model was called";
    private const float LineHeight = 1.18f;
    private const float CaptionShare = 0.019f;

    /// <summary>Sizes as shares of the short edge, with the lines that each may take; the last one ends with an ellipsis.</summary>
    private static readonly (float Share, int LinesMax)[] Sizes = [(0.088f, 2), (0.072f, 3), (0.058f, 4), (0.046f, 5), (0.037f, 7), (0.031f, 9)];

    public static void Draw(SKCanvas canvas, Frame frame, Palette palette, string prompt)
    {
        var margin = 0.075f * frame.Unit;
        using var font = PaintingFont.OfSize(1);
        var text = Legible.Text(prompt);
        var layout = Choose(font, text, frame, frame.Width - (2 * margin));
        using var caption = PaintingFont.OfSize(Math.Min(CaptionShare * frame.Unit, CaptionSizeWithin(frame.Width - (2 * margin))));

        var captionY = frame.Height - margin;
        var lineHeight = font.Size * LineHeight;
        var lastY = captionY - (caption.Size * 2.6f);
        var firstY = lastY - (lineHeight * (layout.Lines.Count - 1));
        DrawShade(canvas, frame, palette, firstY - lineHeight, fade: 1.8f * lineHeight);

        using var ink = new SKPaint { IsAntialias = true, Color = new SKColor(0xFFFDF8F0) };
        for (var line = 0; line < layout.Lines.Count; line++) canvas.DrawText(layout.Lines[line], margin, firstY + (line * lineHeight), SKTextAlign.Left, font, ink);
        ink.Color = Palette.Faded(ink.Color, 0.72f);
        canvas.DrawText(Caption, margin, captionY, SKTextAlign.Left, caption, ink);
    }

    /// <summary>The largest size at which all words fit, or the smallest with an ellipsis.</summary>
    private static TextLayout Choose(SKFont font, string text, Frame frame, float width)
    {
        var layout = new TextLayout([], Whole: false);
        foreach (var (share, linesMax) in Sizes)
        {
            font.Size = share * frame.Unit;
            layout = TextLayout.FitEvenly(text, width, linesMax, line => font.MeasureText(line));
            if (layout.Whole) break;
        }

        return layout;
    }

    private static float CaptionSizeWithin(float width)
    {
        using var font = PaintingFont.OfSize(100);
        return 100 * width / font.MeasureText(Caption);
    }

    /// <summary>Darkens the ground under the words, so that they are legible on every palette and in any number of lines.</summary>
    private static void DrawShade(SKCanvas canvas, Frame frame, Palette palette, float lettersTop, float fade)
    {
        var top = lettersTop - fade;
        using var shader = SKShader.CreateLinearGradient(
            new SKPoint(0, top), new SKPoint(0, frame.Height), [palette.Near.WithAlpha(0), Palette.Faded(palette.Near, 0.6f), Palette.Faded(palette.Near, 0.9f)], [0, fade / (frame.Height - top), 1], SKShaderTileMode.Clamp);
        using var paint = new SKPaint { Shader = shader };
        canvas.DrawRect(new SKRect(0, top, frame.Width, frame.Height), paint);
    }
}
