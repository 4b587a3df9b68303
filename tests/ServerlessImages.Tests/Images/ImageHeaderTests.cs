using ServerlessImages.Images;
using Xunit;
using static ServerlessImages.Tests.Images.SampleImages;

namespace ServerlessImages.Tests.Images;

public class ImageHeaderTests
{
    private static readonly byte[] Pixels = PngChunk("IDAT", 1, 2, 3);
    private static readonly byte[] End = PngChunk("IEND");
    private static readonly byte[] EndOfImage = [0xFF, 0xD9];
    private static readonly byte[] SmallVp8 = WebpChunk("VP8 ", 0, 0, 0, 0x9D, 0x01, 0x2A, 5, 0, 3, 0, 0, 0);

    public static TheoryData<ImageFormat, byte[]> Whole { get; } = new()
    {
        { ImageFormat.Png, Png },
        { ImageFormat.Jpeg, Jpeg },
        { ImageFormat.Webp, LossyWebp },
        { ImageFormat.Webp, LosslessWebp },
        { ImageFormat.Png, APng(Ihdr(5, 3), Pixels, Pixels, End) },
        { ImageFormat.Png, APng(Ihdr(5, 3), PngChunk("acTL", 0, 0, 0, 1, 0, 0, 0, 0), Pixels, End) },
        { ImageFormat.Jpeg, AJpeg(Frame(0xC2, 5, 3), Scan(1, 0xFF, 0, 0xFF, 0xD0, 2), Scan(3), EndOfImage) },
        { ImageFormat.Jpeg, AJpeg([0xFF, .. JpegSegment(0xE0, 1)], Frame(0xC0, 5, 3), Scan(1), EndOfImage, [0, 0, 0]) },
        { ImageFormat.Webp, AWebp(Canvas(0x10, 5, 3), WebpChunk("ALPH", 1), SmallVp8) },
        { ImageFormat.Webp, AWebp(Canvas(0x02, 5, 3), WebpChunk("ANIM", 0, 0, 0, 0, 0, 0), WebpChunk("ANMF", 1)) },
    };

    [Theory]
    [MemberData(nameof(Whole))]
    public void A_whole_image_has_its_format_and_size(ImageFormat format, byte[] bytes)
    {
        Assert.True(ImageHeader.TryRead(bytes, out var header));
        Assert.Equal(new ImageHeader(format, new(5, 3)), header);
    }

    [Theory]
    [MemberData(nameof(Whole))]
    public void An_image_cut_at_any_byte_is_refused(ImageFormat format, byte[] bytes)
    {
        // What only pads a JPEG behind its end may go; nothing of the image may.
        var wholeLength = format == ImageFormat.Jpeg ? bytes.AsSpan().TrimEnd((byte)0).Length : bytes.Length;

        var accepted = Enumerable.Range(0, wholeLength).Where(length => ImageHeader.TryRead(bytes.AsSpan(0, length), out _));

        Assert.Empty(accepted);
    }

    [Theory]
    [MemberData(nameof(Whole))]
    public void A_mutated_image_never_throws_and_stays_within_the_bounds(ImageFormat format, byte[] bytes)
    {
        const int Inputs = 20_000;
        var random = new Random(20_261_123 + (int)format);
        for (var input = 0; input < Inputs; input++)
        {
            if (!ImageHeader.TryRead(Mutated(bytes, random), out var header)) continue;
            Assert.InRange(header.Size.ShortEdge, 1, header.Size.LongEdge);
            Assert.InRange(header.Size.LongEdge, 1, ImageHeader.EdgeMax);
            Assert.InRange(header.Size.Pixels, 1, ImageHeader.PixelsMax);
        }
    }

    public static TheoryData<string, byte[]> Refused { get; } = new()
    {
        { "nothing", [] },
        { "text", "not an image"u8.ToArray() },
        { "a GIF", "GIF89a\x05\0\x03\0"u8.ToArray() },
        { "PNG with a byte behind its end", [.. Png, 0] },
        { "PNG without pixels", APng(Ihdr(5, 3), End) },
        { "PNG with empty pixels", APng(Ihdr(5, 3), PngChunk("IDAT"), End) },
        { "PNG that starts with another chunk", APng(PngChunk("gAMA", 0, 0, 0, 1), Ihdr(5, 3), Pixels, End) },
        { "PNG whose IHDR is too long", APng(PngChunk("IHDR", new byte[14]), Pixels, End) },
        { "PNG whose IHDR has another CRC", APng([.. Ihdr(5, 3)[..^1], 0], Pixels, End) },
        { "animated PNG", APng(Ihdr(5, 3), PngChunk("acTL", 0, 0, 0, 2, 0, 0, 0, 0), Pixels, End) },
        { "PNG without width", APng(Ihdr(0, 3), Pixels, End) },
        { "PNG that is too wide", APng(Ihdr(16_385, 1), Pixels, End) },
        { "PNG that is too high", APng(Ihdr(1, 16_385), Pixels, End) },
        { "PNG with a negative height", APng(Ihdr(1, -1), Pixels, End) },
        { "PNG with too many pixels", APng(Ihdr(16_384, 4_097), Pixels, End) },
        { "JPEG without a frame", AJpeg(Scan(1), EndOfImage) },
        { "JPEG without a scan", AJpeg(Frame(0xC0, 5, 3), EndOfImage) },
        { "JPEG with two frames", AJpeg(Frame(0xC0, 5, 3), Frame(0xC0, 5, 3), Scan(1), EndOfImage) },
        { "JPEG whose frame is a table", AJpeg(Frame(0xC4, 5, 3), Scan(1), EndOfImage) },
        { "JPEG without height", AJpeg(Frame(0xC0, 5, 0), Scan(1), EndOfImage) },
        { "JPEG that is too wide", AJpeg(Frame(0xC0, 16_385, 3), Scan(1), EndOfImage) },
        { "JPEG with something behind its end", [.. Jpeg, 1] },
        { "JPEG with a segment shorter than its length", AJpeg(Frame(0xC0, 5, 3), [0xFF, 0xE0, 0, 1], Scan(1), EndOfImage) },
        { "JPEG within a JPEG", AJpeg(Jpeg) },
        { "WebP with no frame", AWebp(Canvas(0, 5, 3)) },
        { "animated WebP", AWebp(Canvas(0x02, 5, 3), WebpChunk("ANMF", 1), WebpChunk("ANMF", 1)) },
        { "WebP that starts with metadata", AWebp(WebpChunk("EXIF", 1), SmallVp8) },
        { "WebP whose frame is no key frame", AWebp(WebpChunk("VP8 ", 1, 0, 0, 0x9D, 0x01, 0x2A, 5, 0, 3, 0, 0)) },
        { "WebP of an unknown lossless version", AWebp(WebpChunk("VP8L", 0x2F, 4, 0x80, 0, 0x20, 0)) },
        { "WebP that is too large", AWebp(Canvas(0, 1 << 24, 1), SmallVp8) },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void Anything_else_is_refused(string what, byte[] bytes)
    {
        Assert.False(ImageHeader.TryRead(bytes, out var header), what);
        Assert.Equal(default, header);
    }

    [Theory]
    [InlineData(16_384, 4_096)]
    [InlineData(1, 16_384)]
    public void The_largest_sizes_count(int width, int height)
    {
        Assert.True(ImageHeader.TryRead(APng(Ihdr(width, height), Pixels, End), out var header));
        Assert.Equal(new(width, height), header.Size);
    }

    private static byte[] Mutated(byte[] bytes, Random random)
    {
        var mutated = bytes.ToList();
        for (var change = random.Next(1, 5); change > 0 && mutated.Count > 0; change--)
        {
            var at = random.Next(mutated.Count);
            switch (random.Next(4))
            {
                case 0: mutated[at] = (byte)random.Next(256); break;
                case 1: mutated[at] ^= (byte)(1 << random.Next(8)); break;
                case 2: mutated.Insert(at, (byte)random.Next(256)); break;
                default: mutated.RemoveRange(at, Math.Min(random.Next(1, 9), mutated.Count - at)); break;
            }
        }

        return [.. mutated];
    }
}
