using System.Net;
using System.Text.Json.Nodes;
using ServerlessImages.Images;
using ServerlessImages.Tests.Adapters.Drawn;

namespace ServerlessImages.Tests.Local.AzureOpenAI;

public sealed class EditTests : EmulatorTest
{
    [Theory]
    [InlineData(Edits, "image")]
    [InlineData(Edits, "image[]")]
    [InlineData("openai/deployments/img2/images/edits?api-version=2025-04-01-preview", "image[]")]
    public async Task A_form_may_have_its_images_before_and_after_its_fields(string path, string name)
    {
        using var form = new MultipartFormDataContent
        {
            { AFile(APicture(1024, 1024)), name, "one.png" },
            { new StringContent("make it night"), "prompt" },
            { new StringContent("img2"), "model" },
            { AFile(APicture(512, 512, ImageFormat.Jpeg)), name, "two.jpg" },
            { AFile(APicture(1024, 1024)), "mask", "mask.png" },
            { new StringContent("low"), "quality" },
            { new StringContent("1"), "n" },
        };
        using var response = await PostFormAsync(path, form);
        var answer = await JsonAsync(response);

        Assert.Equal(new ImageSize(1024, 1024), PictureFile.Describe(ImageOf(answer["data"]![0])).Size);
        Assert.Equal("""{"image_tokens":3072,"text_tokens":3}""", answer["usage"]!["input_tokens_details"]!.ToJsonString());
        var call = Assert.Single(Emulator.Received);
        Assert.Equal([name, name, "mask"], call.Files.Select(file => file.Name));
        Assert.Equal("make it night", call.Fields["prompt"].GetString());
    }

    [Fact]
    public async Task An_edit_keeps_the_size_of_its_first_image_as_far_as_the_model_can_draw_it()
    {
        using var form = new MultipartFormDataContent { { new StringContent("x"), "prompt" }, { new StringContent("img2"), "model" }, { AFile(APicture(200, 100, ImageFormat.Webp)), "image", "a.webp" } };
        using var response = await PostFormAsync(Edits, form);

        Assert.Equal("208x96", (string?)(await JsonAsync(response))["size"]);
    }

    [Fact]
    public async Task Json_with_data_urls_is_an_edit_too()
    {
        var body = ABody();
        body["images"] = new JsonArray(new JsonObject { ["image_url"] = "data:image/png;base64," + Convert.ToBase64String(APicture()) });
        body["partial_images"] = 1;

        var events = await EventsOfAsync(Edits, body);

        Assert.Equal(["image_edit.partial_image", "image_edit.completed"], events.Select(each => each.Name));
        Assert.Equal(1024, (int?)events[1].Data["usage"]!["input_tokens_details"]!["image_tokens"]);
    }

    [Fact]
    public async Task A_form_can_be_streamed()
    {
        using var form = new MultipartFormDataContent { { AFile(APicture()), "image", "a.png" }, { new StringContent("x"), "prompt" }, { new StringContent("img2"), "model" }, { new StringContent("true"), "stream" } };
        using var response = await PostFormAsync(Edits, form);

        Assert.StartsWith("event: image_edit.completed\ndata: {\"type\":\"image_edit.completed\"", await response.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("moderation", "auto", "unknown_parameter")]
    [InlineData("n", "two", "invalid_value")]
    public async Task A_wrong_field_of_a_form_is_refused(string name, string value, string code)
    {
        using var form = new MultipartFormDataContent { { AFile(APicture()), "image", "a.png" }, { new StringContent("x"), "prompt" }, { new StringContent("img2"), "model" }, { new StringContent(value), name } };
        using var response = await PostFormAsync(Edits, form);

        Assert.Equal(code, (string?)(await JsonAsync(response))["error"]!["code"]);
    }

    [Theory]
    [InlineData("input_fidelity", "invalid_input_fidelity_model")]
    [InlineData("markup", "unknown_parameter")]
    public async Task What_only_other_models_have_is_refused(string name, string code)
    {
        using var form = new MultipartFormDataContent { { AFile(APicture()), "image", "a.png" }, { new StringContent("x"), "prompt" }, { new StringContent("img2"), "model" } };
        if (name == "markup") form.Add(AFile(APicture()), name, "b.png");
        else form.Add(new StringContent("high"), name);
        using var response = await PostFormAsync(Edits, form);

        Assert.Equal(code, (string?)(await JsonAsync(response))["error"]!["code"]);
    }

    [Fact]
    public async Task A_mask_before_its_image_does_not_say_the_size()
    {
        using var form = new MultipartFormDataContent { { AFile(APicture(64, 64)), "mask", "m.png" }, { AFile(APicture(208, 96)), "image", "a.png" }, { new StringContent("x"), "prompt" }, { new StringContent("img2"), "model" } };
        using var response = await PostFormAsync(Edits, form);

        Assert.Equal("208x96", (string?)(await JsonAsync(response))["size"]);
    }

    [Fact]
    public async Task An_edit_needs_an_image()
    {
        Assert.Equal((400, "missing_required_parameter", "Missing required parameter: 'images'."), await ErrorOfAsync(Edits, ABody()));
        Assert.Equal(0, Emulator.ImagesDrawn);
    }

    [Theory]
    [InlineData("image", "invalid_image_file")]
    [InlineData("picture", "unknown_parameter")]
    public async Task A_file_that_is_no_image_or_has_another_name_is_refused(string name, string code)
    {
        using var form = new MultipartFormDataContent { { AFile("GIF89a, or so it says, but it is text"u8.ToArray()), name, "a.png" }, { new StringContent("x"), "prompt" }, { new StringContent("img2"), "model" } };
        using var response = await PostFormAsync(Edits, form);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(code, (string?)(await JsonAsync(response))["error"]!["code"]);
    }

    [Fact]
    public async Task An_address_on_the_web_is_not_fetched()
    {
        var body = ABody();
        body["images"] = new JsonArray(new JsonObject { ["image_url"] = "https://example.com/a.png" });

        Assert.Equal((400, "invalid_image_file"), await RefusalOfAsync(Edits, body));
        Assert.Equal(ImageOperation.Edit, Assert.Single(Emulator.Received).Operation);
    }
}
