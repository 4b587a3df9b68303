using ServerlessImages.Drawn;
using ServerlessImages.Images;

namespace ServerlessImages.Tests.Adapters.Drawn;

public sealed class PainterTests
{
    private static readonly ImageSize Small = new(320, 240);
    private readonly Painter painter = new();

    [Theory]
    [InlineData(ImageFormat.Png, 1024, 1024)]
    [InlineData(ImageFormat.Png, 1536, 1024)]
    [InlineData(ImageFormat.Jpeg, 1024, 1536)]
    [InlineData(ImageFormat.Webp, 1024, 1024)]
    [InlineData(ImageFormat.Png, 16, 16)]
    [InlineData(ImageFormat.Jpeg, 1, 1)]
    public void A_picture_has_exactly_the_format_and_size_that_were_asked_for(ImageFormat format, int width, int height)
    {
        var picture = painter.Paint(new() { Prompt = "A lighthouse at dusk", Size = new(width, height), Format = format });

        Assert.Equal((format, new ImageSize(width, height)), PictureFile.Describe(picture.Span));
        Assert.True(PictureFile.IsWhole(picture.Span));
    }

    [Theory]
    [InlineData(ImageFormat.Png)]
    [InlineData(ImageFormat.Jpeg)]
    [InlineData(ImageFormat.Webp)]
    public void Equal_paintings_are_drawn_equal(ImageFormat format)
    {
        var painting = new Painting { Prompt = "a fox", Size = Small, Format = format };

        Assert.Equal(painter.Paint(painting).ToArray(), new Painter().Paint(painting with { }).ToArray());
    }

    [Fact]
    public void Another_prompt_variation_or_completeness_is_another_picture()
    {
        var painting = new Painting { Prompt = "a fox", Size = Small };
        Painting[] others = [painting with { Prompt = "a hen" }, painting with { Variation = 1 }, painting with { Completeness = 0.5 }, painting with { Transparent = true }];

        var pictures = others.Append(painting).Select(each => Convert.ToHexString(painter.Paint(each).Span));

        Assert.Equal(others.Length + 1, pictures.Distinct(StringComparer.Ordinal).Count());
    }

    [Theory]
    [InlineData(false, 2)]
    [InlineData(true, 6)]
    public void Only_a_transparent_picture_has_an_alpha_channel(bool transparent, byte colorType)
    {
        var picture = painter.Paint(new() { Prompt = "a fox", Size = Small, Transparent = transparent });

        Assert.Equal(colorType, PictureFile.PngColorType(picture.Span));
    }

    [Fact]
    public void Less_quality_makes_a_smaller_file()
    {
        var painting = new Painting { Prompt = "a fox", Size = Small, Format = ImageFormat.Jpeg };

        Assert.True(painter.Paint(painting with { Compression = 30 }).Length < painter.Paint(painting).Length);
    }

    [Theory]
    [InlineData("")]
    [InlineData("🎉🎉🎉")]
    [InlineData("猫が窓辺で眠る 🐈 at night")]
    [InlineData("line\nbreaks\tand \u0000 control")]
    [InlineData("a lone surrogate \uD83D here")]
    [InlineData("زرقاء שלום नमस्ते")]
    public void Any_text_can_be_drawn(string prompt)
    {
        var picture = painter.Paint(new() { Prompt = prompt, Size = Small });

        Assert.True(PictureFile.IsWhole(picture.Span));
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 16_384)]
    public void A_size_that_cannot_be_drawn_is_misuse(int width, int height) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => painter.Paint(new() { Prompt = "", Size = new(width, height) }));

    [Fact]
    public void The_longest_prompt_is_cut_and_not_squeezed_out_of_the_picture()
    {
        var picture = painter.Paint(new() { Prompt = new string('W', ImageRequest.PromptCharactersMax), Size = new(1024, 1024) });

        Assert.True(PictureFile.IsWhole(picture.Span));
    }
}
