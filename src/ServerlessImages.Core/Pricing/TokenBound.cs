using System.Text;
using ServerlessImages.Images;

namespace ServerlessImages.Pricing;

/// <summary>The most tokens that a request can take, before it is made.</summary>
public static class TokenBound
{
    /// <summary>Tokens of a prompt beyond its own: measured at most 16 on top of one token per UTF-8 byte.</summary>
    private const long TokensAroundPrompt = 16;

    /// <summary>An input image is cut into at most this many 32-pixel patches. Source: OpenAI image guide, "input image tokens".</summary>
    private const long TokensPerInputImage = 1_536;

    /// <summary>
    /// Output by the model's formula, <c>auto</c> quality as <c>high</c>, <c>auto</c> size as the dearest standard size; text as 16 tokens plus one per
    /// UTF-8 byte; 1,536 tokens for each image sent along; 100 output tokens for each requested partial image.
    /// </summary>
    public static TokenUsage Of(ImageRequest request)
    {
        var quality = ModelSpec.AtMost(request.Quality);
        ImageSize[] sizes = request.Size is { } size ? [size] : [.. ModelSpec.StandardSizes];
        var output = sizes.Max(each => request.Model.OutputTokens.For(each, quality, request.Count));
        return new TokenUsage(Text(request), TokensPerInputImage * request.AllInputs.Count(), output + (request.PartialImages * TokenTariff.TokensPerPartialImage));
    }

    /// <summary>What to assume when the upstream drew but did not count: its formula for what came, and the lowest quality where none is known, since doubt is ours.</summary>
    public static TokenUsage WithoutUsage(ImageRequest request, Delivery delivery)
    {
        var quality = request.Model.Qualities.Contains(delivery.Quality) ? delivery.Quality : request.Model.Qualities[0];
        var size = request.Model.Draws(delivery.Size) ? delivery.Size : ModelSpec.StandardSizes[0];
        return new TokenUsage(0, 0, request.Model.OutputTokens.For(size, quality, delivery.Returned) + (delivery.PartialImages * TokenTariff.TokensPerPartialImage));
    }

    private static long Text(ImageRequest request) => TokensAroundPrompt + Encoding.UTF8.GetByteCount(request.Prompt);
}
