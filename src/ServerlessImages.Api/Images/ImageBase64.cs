using System.IO.Pipelines;
using System.Text.Json;

namespace ServerlessImages.Api.Images;

/// <summary>
/// Writes an image's bytes into JSON a piece at a time, and waits after each until the connection has taken it: an answer of megabytes needs the image and
/// one piece, never the whole text beside it.
/// </summary>
internal static class ImageBase64
{
    /// <summary>32 KiB of text.</summary>
    private const int PieceBytes = 24 * 1024;

    /// <param name="json">Writes to <paramref name="body"/>.</param>
    public static async ValueTask WriteAsync(Utf8JsonWriter json, PipeWriter body, ReadOnlyMemory<byte> image)
    {
        json.WritePropertyName("b64_json");
        for (; image.Length > PieceBytes; image = image[PieceBytes..])
        {
            json.WriteBase64StringSegment(image.Span[..PieceBytes], isFinalSegment: false);
            json.Flush();
            await body.FlushAsync(CancellationToken.None);
        }

        json.WriteBase64StringSegment(image.Span, isFinalSegment: true);
    }
}
