using System.Globalization;
using System.Text;
using ServerlessImages.AzureOpenAI;
using ServerlessImages.Images;
using static ServerlessImages.Tests.Adapters.AzureOpenAI.AzureOpenAIDriver;

namespace ServerlessImages.Tests.Adapters.AzureOpenAI;

/// <summary>The form that goes upstream, to the byte.</summary>
public class EditRequestTests
{
    private int open;

    [Fact]
    public async Task The_v1_route_names_the_deployment_in_the_form()
    {
        await using var driver = await StartAsync(Answers.Events(Answers.CompletedEvent()));

        await driver.GenerateAsync(AnEdit() with { Mask = AnImage("MASK"), Size = new(1536, 1024), InputFidelity = InputFidelity.High }, "hash");

        var request = driver.Stub.Requests.Single();
        Assert.Equal("/openai/v1/images/edits", request.Target);
        Assert.Equal(
            """
            --B
            Content-Disposition: form-data; name="model"

            image two
            --B
            Content-Disposition: form-data; name="prompt"

            a cat
            --B
            Content-Disposition: form-data; name="size"

            1536x1024
            --B
            Content-Disposition: form-data; name="quality"

            low
            --B
            Content-Disposition: form-data; name="input_fidelity"

            high
            --B
            Content-Disposition: form-data; name="stream"

            true
            --B
            Content-Disposition: form-data; name="safety_identifier"

            hash
            --B
            Content-Disposition: form-data; name="image[]"; filename="image-0.png"
            Content-Type: image/png

            ONE
            --B
            Content-Disposition: form-data; name="image[]"; filename="image-1.jpeg"
            Content-Type: image/jpeg

            TWO
            --B
            Content-Disposition: form-data; name="mask"; filename="mask.png"
            Content-Type: image/png

            MASK
            --B--

            """.ReplaceLineEndings("\n"),
            Form(request));
        Assert.Equal(0, open);
    }

    [Fact]
    public async Task The_deployment_route_names_it_in_the_path_only()
    {
        await using var driver = await StartAsync(Answers.Events(Answers.CompletedEvent()), endpoint => Options(ADeployment(endpoint, AzureOpenAIRoute.Deployment)));

        await driver.GenerateAsync(AnEdit() with { Markup = AnImage("MARKUP") });

        var request = driver.Stub.Requests.Single();
        Assert.Equal("/openai/deployments/image%20two/images/edits?api-version=2025-04-01-preview", request.Target);
        Assert.DoesNotContain("name=\"model\"", request.Body, StringComparison.Ordinal);
        Assert.Contains("name=\"markup\"; filename=\"markup.png\"\r\nContent-Type: image/png\r\n\r\nMARKUP\r\n", request.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_form_has_a_length_and_a_boundary_without_quotes()
    {
        await using var driver = await StartAsync(Answers.Events(Answers.CompletedEvent()));

        await driver.GenerateAsync(AnEdit());

        var request = driver.Stub.Requests.Single();
        Assert.Matches("^multipart/form-data; boundary=[0-9a-f]{32}$", request.Headers["Content-Type"]);
        Assert.Equal(Encoding.UTF8.GetByteCount(request.Body).ToString(CultureInfo.InvariantCulture), request.Headers["Content-Length"]);
    }

    [Fact]
    public async Task A_partial_is_forced_for_an_edit_too_and_several_images_are_asked_for_plainly()
    {
        await using var slow = await StartAsync(Answers.Events(Answers.CompletedEvent()));
        await slow.GenerateAsync(AnEdit() with { Quality = ImageQuality.High });
        await using var two = await StartAsync(Answers.Json(Answers.Plain(Answers.Image, Answers.Image)));
        await two.GenerateAsync(AnEdit() with { Count = 2, Quality = ImageQuality.High });

        Assert.Contains("name=\"stream\"\n\ntrue\n--B\nContent-Disposition: form-data; name=\"partial_images\"\n\n1\n", Form(slow.Stub.Requests.Single()), StringComparison.Ordinal);
        Assert.Contains("name=\"n\"\n\n2\n", Form(two.Stub.Requests.Single()), StringComparison.Ordinal);
        Assert.DoesNotContain("name=\"stream\"", two.Stub.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Edit_events_bring_the_image_and_its_partials()
    {
        await using var driver = await StartAsync(Answers.Events(
            Answers.PartialEvent(0).Replace("image_generation", "image_edit", StringComparison.Ordinal),
            Answers.CompletedEvent().Replace("image_generation", "image_edit", StringComparison.Ordinal)));

        var generated = await driver.GenerateAsync(AnEdit() with { Stream = true, PartialImages = 1 });

        Assert.Single(generated.Images().Images);
        Assert.Single(driver.Partials);
    }

    [Fact]
    public async Task Every_file_is_closed_when_there_is_no_answer_either()
    {
        await using var driver = await StartAsync(context =>
        {
            context.Abort();
            return Task.CompletedTask;
        });

        Assert.Equal("upstream_failed", (await driver.GenerateAsync(AnEdit())).Error().Code);
        Assert.Equal(0, open);
    }

    private ImageRequest AnEdit() => ARequest() with { Operation = ImageOperation.Edit, Inputs = [AnImage("ONE"), AnImage("TWO", ImageFormat.Jpeg)] };

    private InputImage AnImage(string bytes, ImageFormat format = ImageFormat.Png) => new(new(format, new(1024, 1024)), bytes.Length, "hash", () => new Counted(this, Encoding.ASCII.GetBytes(bytes)));

    private static string Form(RecordedRequest request) => request.Body.Replace(request.Headers["Content-Type"].Split('=')[1], "B", StringComparison.Ordinal).ReplaceLineEndings("\n");

    /// <summary>Counts how many of them are open.</summary>
    private sealed class Counted : MemoryStream
    {
        private readonly EditRequestTests tests;
        private bool isClosed;

        public Counted(EditRequestTests tests, byte[] bytes)
            : base(bytes)
        {
            this.tests = tests;
            tests.open++;
        }

        protected override void Dispose(bool disposing)
        {
            if (!isClosed) tests.open--;
            isClosed = true;
            base.Dispose(disposing);
        }
    }
}
