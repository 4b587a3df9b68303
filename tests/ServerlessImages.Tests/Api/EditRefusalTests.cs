using System.Net;
using System.Text;
using ServerlessImages.Keys;
using ServerlessImages.Tests.Images;

namespace ServerlessImages.Tests.Api;

/// <summary>What is wrong with an edit is named before money moves, and before anything goes upstream.</summary>
public sealed class EditRefusalTests : EditTest
{
    private static readonly byte[] Text = "GIF89a, or so it says, and it goes on for a while."u8.ToArray();

    /// <summary>Each wrong form: what is in it, and how it is refused.</summary>
    public static TheoryData<string, string, string> Forms => new()
    {
        { "none", "missing_required_parameter", "image" },
        { "mask only", "missing_required_parameter", "image" },
        { "17 images", "invalid_value", "image" },
        { "text", "invalid_image_file", "image" },
        { "empty", "invalid_image_file", "image" },
        { "truncated", "invalid_image_file", "image[]" },
        { "bomb", "invalid_image_file", "image" },
        { "wide bomb", "invalid_image_file", "image" },
        { "animated", "invalid_image_file", "image" },
        { "text as mask", "invalid_image_file", "mask" },
        { "JPEG as mask", "invalid_image_file", "mask" },
        { "other size", "invalid_value", "mask" },
        { "two masks", "invalid_value", "mask" },
        { "markup", "unsupported_by_model", "markup" },
        { "fidelity", "unsupported_by_model", "input_fidelity" },
        { "moderation", "invalid_value", "moderation" },
        { "file_id", "unsupported_by_model", "file_id" },
        { "image[file_id]", "unsupported_by_model", "image[file_id]" },
        { "unknown file", "unknown_parameter", "picture" },
        { "unknown text", "unknown_parameter", "sise" },
        { "twice", "invalid_value", "prompt" },
        { "long text", "invalid_value", "user" },
        { "not UTF-8", "invalid_value", "user" },
        { "two streamed", "invalid_value", "n" },
    };

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task A_wrong_form_is_named(string form, string code, string param)
    {
        using var response = await EditAsync(PartsOf(form));
        var error = await response.AssertErrorAsync(HttpStatusCode.BadRequest, code);

        Assert.Equal((param, "invalid_request_error"), (error.Text("param"), error.Text("type")));
        Assert.Equal("false", response.Header("x-should-retry"));
        await AssertNothingHappenedAsync();
    }

    [Theory]
    [InlineData("""{}""", "missing_required_parameter", "image")]
    [InlineData("""{"images":[]}""", "missing_required_parameter", "image")]
    [InlineData("""{"images":{}}""", "invalid_value", "images")]
    [InlineData("""{"images":["PNG"]}""", "invalid_value", "images[0]")]
    [InlineData("""{"images":[{}]}""", "invalid_value", "images[0].image_url")]
    [InlineData("""{"images":[{"image_url":7}]}""", "invalid_value", "images[0].image_url")]
    [InlineData("""{"images":[{"image_url":"PNG","detail":"high"}]}""", "unknown_parameter", "images[0].detail")]
    [InlineData("""{"images":[{"image_url":"data:image/png,abc"}]}""", "invalid_value", "images[0].image_url")]
    [InlineData("""{"images":[{"image_url":"data:image/png;base64,###"}]}""", "invalid_image_file", "images[0].image_url")]
    [InlineData("""{"images":[{"image_url":"data:image/png;base64,"}]}""", "invalid_image_file", "images[0].image_url")]
    [InlineData("""{"images":[{"image_url":"data:image/png;base64,R0lG\n"}]}""", "invalid_image_file", "images[0].image_url")]
    [InlineData("""{"images":[{"image_url":"PNG"},{"file_id":"file-1"}]}""", "unsupported_by_model", "images[1].file_id")]
    [InlineData("""{"images":[{"image_url":"PNG"}],"mask":{"file_id":"file-1"}}""", "unsupported_by_model", "mask.file_id")]
    [InlineData("""{"images":[{"image_url":"PNG"}],"file_id":"file-1"}""", "unsupported_by_model", "file_id")]
    [InlineData("""{"images":[{"image_url":"PNG"}],"mask":"PNG"}""", "invalid_value", "mask")]
    [InlineData("""{"images":[{"image_url":"PNG"}],"markup":{"image_url":"PNG"}}""", "unsupported_by_model", "markup")]
    [InlineData("""{"image":{"image_url":"PNG"}}""", "unknown_parameter", "image")]
    [InlineData("""{"images":[{"image_url":"ftp://example.com/a.png"}]}""", "image_url_refused", "images[0].image_url")]
    [InlineData("""{"images":[{"image_url":"http://example.com/a.png"}]}""", "image_url_refused", "images[0].image_url")]
    [InlineData("""{"images":[{"image_url":"https://example.com:8443/a.png"}]}""", "image_url_refused", "images[0].image_url")]
    [InlineData("""{"images":[{"image_url":"https://me:secret@example.com/a.png"}]}""", "image_url_refused", "images[0].image_url")]
    [InlineData("""{"images":[{"image_url":"\ud800"}]}""", "image_url_refused", "images[0].image_url")]
    [InlineData("""{"images":[{"image_url":"https://127.0.0.1/a.png"}]}""", "image_url_unreachable", "images[0].image_url")]
    [InlineData("""{"images":[{"image_url":"https://localhost/a.png"}]}""", "image_url_unreachable", "images[0].image_url")]
    [InlineData("""{"images":[{"image_url":"https://169.254.169.254/metadata/instance"}]}""", "image_url_unreachable", "images[0].image_url")]
    public async Task A_wrong_body_is_named(string body, string code, string param)
    {
        using var response = await PostAsync(body.Replace("\"PNG\"", $"\"{DataUrl(SampleImages.Png)}\"", StringComparison.Ordinal));
        var error = await response.AssertErrorAsync(HttpStatusCode.BadRequest, code);

        Assert.Equal(param, error.Text("param"));
        await AssertNothingHappenedAsync();
    }

    [Fact]
    public async Task Seventeen_images_in_JSON_are_too_many_too()
    {
        using var response = await EditJsonAsync(new { model = "gpt-image-2", prompt = "x", images = Enumerable.Repeat(new { image_url = DataUrl(SampleImages.Png) }, 17) });

        Assert.Equal("images", (await response.AssertErrorAsync(HttpStatusCode.BadRequest, "invalid_value")).Text("param"));
    }

    [Theory]
    [InlineData("multipart/form-data")]
    [InlineData("multipart/form-data; boundary=\"\"")]
    [InlineData("multipart/form-data; boundary=wrong")]
    [InlineData("multipart/form-data; boundary=b")]
    public async Task A_form_that_is_broken_is_said_to_be(string contentType)
    {
        using var content = new ByteArrayContent("--b\r\nContent-Disposition: form-data; name=prompt\r\n\r\nmake it"u8.ToArray());
        content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        using var response = await Customer.Http.PostAsync(new Uri("/v1/images/edits", UriKind.Relative), content, Cancel);

        await response.AssertErrorAsync(HttpStatusCode.BadRequest, "invalid_form");
        await AssertNothingHappenedAsync();
    }

    [Fact]
    public async Task Sixty_five_parts_are_too_many()
    {
        using var response = await EditAsync([.. Enumerable.Range(0, 65).Select(each => ($"tags[t{each}]", (object)"x"))]);

        await response.AssertErrorAsync(HttpStatusCode.BadRequest, "invalid_form");
    }

    [Theory]
    [InlineData("", "body_required")]
    [InlineData("[]", "invalid_json")]
    [InlineData("fox", "invalid_json")]
    public async Task A_body_that_is_no_object_is_said_to_be_none(string body, string code)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await Customer.Http.PostAsync(new Uri("/v1/images/edits", UriKind.Relative), content, Cancel);

        await response.AssertErrorAsync(HttpStatusCode.BadRequest, code);
    }

    [Fact]
    public async Task A_generation_takes_no_images()
    {
        using var json = await EditJsonAsync(new { model = "gpt-image-2", prompt = "x", images = new[] { new { image_url = DataUrl(SampleImages.Png) } } }, "/v1/images/generations");
        using var form = await EditAsync(AForm(Fields(("image", SampleImages.Png))), "/v1/images/generations");

        Assert.Equal("images", (await json.AssertErrorAsync(HttpStatusCode.BadRequest, "unsupported_by_model")).Text("param"));
        await form.AssertErrorAsync(HttpStatusCode.BadRequest, "invalid_json");
    }

    [Fact]
    public async Task A_key_without_the_scope_edits_nothing()
    {
        var generator = await Product.CustomerAsync(scopes: Scope.ImagesGenerate);
        using var form = AForm(Fields(("image", SampleImages.Png)));
        using var response = await generator.Http.PostAsync(new Uri("/v1/images/edits", UriKind.Relative), form, Cancel);

        await response.AssertErrorAsync(HttpStatusCode.Forbidden, "missing_scope");
        Assert.Equal(0, Product.Local.Emulator.Calls);
    }

    private async Task<HttpResponseMessage> PostAsync(string body)
    {
        // The model and the prompt are always right.
        using var content = new StringContent("""{"model":"gpt-image-2","prompt":"x",""" + (body == "{}" ? "\"n\":1}" : body[1..]), Encoding.UTF8, "application/json");
        return await Customer.Http.PostAsync(new Uri("/v1/images/edits", UriKind.Relative), content, Cancel);
    }

    private static MultipartFormDataContent PartsOf(string form) => form switch
    {
        "none" => AForm(Fields()),
        "mask only" => AForm(Fields(("mask", SampleImages.Png))),
        "17 images" => AForm(Fields([.. Enumerable.Repeat(("image", (object)SampleImages.Png), 17)])),
        "text" => AForm(Fields(("image", Text))),
        "empty" => AForm(Fields(("image", Array.Empty<byte>()))),
        "truncated" => AForm(Fields(("image[]", SampleImages.Png[..^4]))),
        "bomb" => AForm(Fields(("image", APng(1, 500_000_000)))),
        "wide bomb" => AForm(Fields(("image", APng(16_384, 16_384)))),
        "animated" => AForm(Fields(("image", SampleImages.APng(SampleImages.Ihdr(8, 8), SampleImages.PngChunk("acTL", 0, 0, 0, 2, 0, 0, 0, 0), SampleImages.PngChunk("IDAT", 1), SampleImages.PngChunk("IEND"))))),
        "text as mask" => AForm(Fields(("image", SampleImages.Png), ("mask", Text))),
        "JPEG as mask" => AForm(Fields(("image", SampleImages.Png), ("mask", SampleImages.Jpeg))),
        "other size" => AForm(Fields(("image", SampleImages.Png), ("mask", APng(5, 4)))),
        "two masks" => AForm(Fields(("image", SampleImages.Png), ("mask", SampleImages.Png), ("mask", SampleImages.Png))),
        "markup" => AForm(Fields(("image", SampleImages.Png), ("markup", SampleImages.Png))),
        "fidelity" => AForm(Fields(("image", SampleImages.Png), ("input_fidelity", "high"))),
        "moderation" => AForm(Fields(("image", SampleImages.Png), ("moderation", "low"))),
        "file_id" or "image[file_id]" => AForm(Fields(("image", SampleImages.Png), (form, "file-1"))),
        "unknown file" => AForm(Fields(("image", SampleImages.Png), ("picture", SampleImages.Png))),
        "unknown text" => AForm(Fields(("image", SampleImages.Png), ("sise", "1024x1024"))),
        "twice" => AForm(Fields(("image", SampleImages.Png), ("prompt", "make it day"))),
        "long text" => AForm(Fields(("image", SampleImages.Png), ("user", new string('a', (256 * 1024) + 1)))),
        "not UTF-8" => NotUtf8(),
        _ => AForm(Fields(("image", SampleImages.Png), ("n", "2"), ("stream", "true"))),
    };

    private static MultipartFormDataContent NotUtf8()
    {
        var form = AForm(Fields(("image", SampleImages.Png)));
        form.Add(new ByteArrayContent([0xC3, 0x28]), "user");
        return form;
    }
}
