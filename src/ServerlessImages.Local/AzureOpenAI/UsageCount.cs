using System.Text;
using ServerlessImages.Images;
using ServerlessImages.Pricing;

namespace ServerlessImages.Local.AzureOpenAI;

/// <summary>Counts tokens as the service does: OpenAI's image guide and price calculator (2026-11), <c>models.json</c> for the output.</summary>
internal static class UsageCount
{
    private const int TokensPerPartial = 100;
    private const int PatchEdge = 32;
    private const int PatchesMax = 1_536;
    private const int LongEdgeMin = 1_024;
    private const int HugeFactor = 100;

    /// <returns>Null where the prompt asks for none.</returns>
    public static TokenUsage? For(ImageOrder order, int imagesReturned, int partialsSent)
    {
        if (order.Steering.Has(PromptSteer.NoUsage)) return null;
        var images = order.Model.OutputTokens.For(order.Size, order.Quality, imagesReturned);
        var usage = new TokenUsage(TextTokens(order.Prompt), order.Inputs.Sum(ImageTokens), images + (TokensPerPartial * (long)partialsSent));
        return order.Steering.Has(PromptSteer.HugeUsage) ? new(usage.TextInput * HugeFactor, usage.ImageInput * HugeFactor, usage.Output * HugeFactor) : usage;
    }

    /// <summary>A token is about four characters; never more than the bytes and the frame around them.</summary>
    private static long TextTokens(string prompt) => Math.Min(Math.Max(1, prompt.Length / 4), Encoding.UTF8.GetByteCount(prompt) + 16);

    /// <summary>Patches of 32 by 32 pixels, of the image made at least 1,024 long; at most 1,536 of them.</summary>
    private static long ImageTokens(ImageSize size)
    {
        var scale = Math.Max(1, (double)LongEdgeMin / size.LongEdge);
        return Math.Min(PatchesMax, Patches(size.Width * scale) * Patches(size.Height * scale));
    }

    private static long Patches(double edge) => (long)Math.Ceiling(edge / PatchEdge);
}
