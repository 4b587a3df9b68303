using System.Text.Json;
using ServerlessImages.Api.Portal.Playground;
using ServerlessImages.Images;
using ServerlessImages.Tests.Api;
using ServerlessImages.Tests.Clients;

namespace ServerlessImages.Tests.Portal;

/// <summary>The playground's code makes the call that the playground made.</summary>
public sealed class PlaygroundCodeTests(NpmClients npm)
{
    private const string Awkward = "It's a \"red\" fox \\ 狐 🦊,\nby `$HOME` and ${x}\u2028\u0085end";
    private static readonly Uri Site = new("https://images.example.com");

    [Fact]
    public void Curl_has_the_bodys_fields_and_whatever_a_prompt_has_in_it_stays_one_word_of_the_shell()
    {
        var code = Of(Sample.Request(Awkward) with { Stream = true, PartialImages = 2 }, "sh");
        var word = code.Split("-d '")[1][..^1].Replace(@"'\''", "\0", StringComparison.Ordinal);
        using var body = JsonDocument.Parse(word.Replace('\0', '\''));

        Assert.StartsWith("curl -N https://images.example.com/v1/images/generations", code, StringComparison.Ordinal);
        Assert.DoesNotContain('\'', word);
        Assert.Equal(Awkward, body.RootElement.Text("prompt"));
        Assert.Equal(["model", "prompt", "size", "quality", "stream", "partial_images"], body.RootElement.EnumerateObject().Select(each => each.Name));
    }

    [Fact]
    public void What_is_as_it_would_be_anyhow_is_left_out_and_all_else_is_said()
    {
        var request = Sample.Request("a fox") with { Size = null, Count = 3, Format = ImageFormat.Jpeg };

        Assert.Contains("""{"model":"gpt-image-2","prompt":"a fox","size":"auto","quality":"low","output_format":"jpeg","n":3}""", Of(request, "sh"), StringComparison.Ordinal);
        Assert.Contains("""client.images.generate(model="gpt-image-2", prompt="a fox", size="auto", quality="low", output_format="jpeg", n=3)""", Of(request, "python"), StringComparison.Ordinal);
        Assert.Contains("""GenerateImagesAsync("a fox", 3, options)""", Of(request, "csharp"), StringComparison.Ordinal);
        Assert.Contains("""OutputFileFormat = new GeneratedImageFileFormat("jpeg")""", Of(request, "csharp"), StringComparison.Ordinal);
    }

    [Fact]
    public void No_language_has_a_key_in_it()
    {
        foreach (var sample in PlaygroundCode.Of(Sample.Request("a fox"), Site).Concat(PlaygroundCode.Of(Sample.Request("a fox") with { Stream = true }, Site)))
        {
            Assert.Contains("SERVERLESSIMAGES_API_KEY", sample.Code, StringComparison.Ordinal);
            Assert.DoesNotContain("si_", sample.Code, StringComparison.Ordinal);
        }
    }

    /// <summary>Its text is the one that every language gets: were it escaped wrongly, the fingerprint of the request would be another.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_JavaScript_runs_as_it_is(bool stream)
    {
        await using var product = await Product.StartAsync();
        var customer = await product.CustomerAsync();
        var folder = Directory.CreateTempSubdirectory("serverlessimages-").FullName;
        var code = PlaygroundCode.Of(Sample.Request(Awkward) with { Stream = stream, PartialImages = stream ? 1 : 0 }, product.Local.BaseUrl).Single(each => each.Id == "js").Code;

        var ended = await npm.RunTextAsync($"playground-{stream}.mjs", $"process.env.{PlaygroundCode.KeyVariable} = \"{customer.Key}\"; process.chdir({JsonSerializer.Serialize(folder)});\n{code}");
        var images = Directory.GetFiles(folder).Select(Path.GetFileName).ToArray();
        Directory.Delete(folder, recursive: true);

        Assert.True(ended.ExitCode == 0, ended.Errors);
        Assert.Contains("amount_usd", ended.Text, StringComparison.Ordinal);
        Assert.Equal([stream ? "image.png" : "image-0.png"], images);
        Assert.Equal(Awkward, product.Local.Emulator.Received.Single().Fields["prompt"].GetString());
    }

    private static string Of(ImageRequest request, string language) => PlaygroundCode.Of(request, Site).Single(each => each.Id == language).Code;
}
