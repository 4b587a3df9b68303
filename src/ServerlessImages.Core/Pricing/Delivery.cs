using ServerlessImages.Images;

namespace ServerlessImages.Pricing;

/// <summary>What a call brought, as far as it matters for money.</summary>
/// <param name="Returned">Images in the upstream's answer: its usage counts these.</param>
/// <param name="Delivered">Those of them that are whole, of the right format and size: the charge counts these.</param>
/// <param name="Size">The size of the delivered images.</param>
/// <param name="Quality">The quality that was drawn, or <c>auto</c> where neither the caller nor the upstream named one.</param>
/// <param name="PartialImages">Partial images that came, asked for or not.</param>
public sealed record Delivery(int Returned, int Delivered, ImageSize Size, ImageQuality Quality, TokenUsage? Usage, int PartialImages)
{
    /// <summary>Input that was sent upstream more than once: ours, never the caller's.</summary>
    public TokenUsage RepeatedInput { get; init; } = TokenUsage.None;
}
