using ServerlessImages.Drawn;
using ServerlessImages.Images;

namespace ServerlessImages.Local.AzureOpenAI;

/// <param name="IsBase64">False: <c>b64_json</c> is to be something else.</param>
internal readonly record struct DrawnImage(ReadOnlyMemory<byte> Bytes, bool IsBase64 = true);

/// <summary>Has pictures painted, and spoils those that the prompt says to spoil.</summary>
internal sealed class Studio(Painter painter, CallLog log)
{
    private static readonly byte[] NoImage = "This is base64, and it is no image."u8.ToArray();

    public DrawnImage Finish(ImageOrder order, int index)
    {
        var picture = painter.Paint(PaintingOf(order, index));
        log.CountImage();
        if (index < order.Steering.Number(PromptSteer.BadBase64)) return new(default, IsBase64: false);
        if (index < order.Steering.Number(PromptSteer.Corrupt)) return new(NoImage);
        return new(order.Steering.Has(PromptSteer.Truncated) ? picture[..(picture.Length / 2)] : picture);
    }

    /// <param name="index">From 0 on: each is clearer than the one before.</param>
    public DrawnImage Sketch(ImageOrder order, int index) =>
        new(painter.Paint(PaintingOf(order, variation: 0) with { Completeness = (index + 1.0) / (order.PartialsSent + 1) }));

    private static Painting PaintingOf(ImageOrder order, int variation) => new()
    {
        Prompt = order.Prompt,
        Size = order.Size,
        Format = order.Format,
        Compression = order.Compression,
        Transparent = order.Background == ImageBackground.Transparent,
        Variation = variation,
    };
}
