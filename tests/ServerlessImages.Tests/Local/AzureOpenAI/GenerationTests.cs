using System.Net;
using System.Text.Json.Nodes;
using ServerlessImages.Images;
using ServerlessImages.Tests.Adapters.Drawn;

namespace ServerlessImages.Tests.Local.AzureOpenAI;

public sealed class GenerationTests : EmulatorTest
{
    private const string Dated = "openai/deployments/img2/images/generations?api-version=2025-04-01-preview";

    [Theory]
    [InlineData(Generations)]
    [InlineData(Generations + "?api-version=preview")]
    [InlineData(Dated)]
    public async Task Both_routes_answer_with_pictures_and_their_usage(string path)
    {
        using var response = await PostAsync(path, new() { ["model"] = "img2", ["prompt"] = "a red fox", ["n"] = 2, ["size"] = "1024x1024", ["quality"] = "low" });
        var answer = await JsonAsync(response);

        Assert.All(answer["data"]!.AsArray(), item => Assert.Equal((ImageFormat.Png, new ImageSize(1024, 1024)), PictureFile.Describe(ImageOf(item))));
        Assert.NotEqual(ImageOf(answer["data"]![0]), ImageOf(answer["data"]![1]));
        answer["created"] = 0;
        answer["data"] = answer["data"]!.AsArray().Count;
        Assert.Equal(
            """{"created":0,"background":"opaque","output_format":"png","quality":"low","size":"1024x1024","data":2,"usage":{"input_tokens":2,"input_tokens_details":{"image_tokens":0,"text_tokens":2},"output_tokens":391,"output_tokens_details":{"image_tokens":391,"text_tokens":0},"total_tokens":393}}""",
            answer.ToJsonString());
        Assert.Equal((1, 2), (Emulator.Calls, Emulator.ImagesDrawn));
    }

    [Fact]
    public async Task Auto_is_resolved_and_said()
    {
        using var response = await PostAsync(Generations, new() { ["model"] = "img2", ["prompt"] = "a fox", ["size"] = "auto", ["quality"] = "auto", ["background"] = "auto" });
        var answer = await JsonAsync(response);

        Assert.Equal(["1024x1024", "medium", "opaque"], [(string?)answer["size"], (string?)answer["quality"], (string?)answer["background"]]);
        Assert.Equal(1756, (int?)answer["usage"]?["output_tokens"]);
    }

    [Fact]
    public async Task Every_answer_has_azures_headers()
    {
        using var response = await PostAsync(Generations, ABody());

        foreach (var name in (string[])["x-request-id", "apim-request-id", "x-ms-region", "x-ratelimit-limit-requests"]) Assert.NotEmpty(response.Headers.GetValues(name).Single());
        Assert.Equal("59999", response.Headers.GetValues("x-ratelimit-remaining-requests").Single());
    }

    [Fact]
    public async Task A_bearer_token_is_as_good_as_a_key()
    {
        Http.DefaultRequestHeaders.Remove("api-key");
        Http.DefaultRequestHeaders.Authorization = new("Bearer", "token");
        using var response = await PostAsync(Generations, ABody());

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var call = Assert.Single(Emulator.Received);
        Assert.Equal((false, true), (call.HasApiKey, call.HasBearer));
    }

    [Fact]
    public async Task Without_a_key_nothing_is_drawn()
    {
        Http.DefaultRequestHeaders.Remove("api-key");

        Assert.Equal((401, "401"), await RefusalOfAsync(Generations, ABody()));
        Assert.Equal(0, Emulator.ImagesDrawn);
    }

    [Theory]
    [InlineData("openai/deployments/other/images/generations?api-version=2024-10-21", "DeploymentNotFound")]
    [InlineData("openai/deployments/img2/images/generations", "404")]
    [InlineData("openai/deployments/img2/images/edits?api-version=2024-10-21", "404")]
    [InlineData("openai/v1/images/variations", "404")]
    [InlineData("v1/images/generations", "404")]
    public async Task What_is_not_there_is_404(string path, string code) =>
        Assert.Equal((404, code), await RefusalOfAsync(path, ABody()));

    [Fact]
    public async Task On_v1_the_body_names_the_deployment()
    {
        var other = ABody();
        other["model"] = "other";
        var none = ABody();
        none.Remove("model");

        Assert.Equal((404, "DeploymentNotFound"), await RefusalOfAsync(Generations, other));
        Assert.Equal((400, "missing_required_parameter", "Missing required parameter: 'model'."), await ErrorOfAsync(Generations, none));
    }

    [Fact]
    public async Task On_the_dated_route_the_body_may_not_name_another_model()
    {
        var body = ABody();
        body["model"] = "gpt-image-2";

        Assert.Equal((400, "invalid_value", "Unknown model: 'gpt-image-2'."), await ErrorOfAsync(Dated, body));
    }

    [Theory]
    [InlineData("response_format", "\"b64_json\"", "unknown_parameter", "Unknown parameter: 'response_format'.")]
    [InlineData("complexity", "\"low\"", "unknown_parameter", "Unknown parameter: 'complexity'.")]
    [InlineData("image", "\"x\"", "unknown_parameter", "Unknown parameter: 'image'.")]
    [InlineData("quality", "\"hd\"", "invalid_value", "Invalid value for 'quality'. Expected one of 'low', 'medium', 'high'.")]
    [InlineData("output_format", "\"webp\"", "invalid_value", "Invalid value for 'output_format'. Expected one of 'png', 'jpeg'.")]
    [InlineData("n", "11", "invalid_value", "Invalid value for 'n'. Expected a whole number from 1 to 10.")]
    [InlineData("n", "\"2\"", "invalid_value", "Invalid value for 'n'. Expected a whole number from 1 to 10.")]
    [InlineData("partial_images", "4", "invalid_value", "Invalid value for 'partial_images'. Expected a whole number from 0 to 3.")]
    [InlineData("stream", "\"yes\"", "invalid_value", "Invalid value for 'stream'. Expected true or false.")]
    [InlineData("output_compression", "50", "invalid_value", "Invalid value for 'output_compression'. Expected 100 with output_format 'png'.")]
    [InlineData("prompt", "null", "missing_required_parameter", "Missing required parameter: 'prompt'.")]
    public async Task A_field_that_is_wrong_is_refused(string name, string value, string code, string message)
    {
        var body = ABody();
        body[name] = JsonNode.Parse(value);

        Assert.Equal((400, code, message), await ErrorOfAsync(Generations, body));
    }

    [Theory]
    [InlineData("1000x1000")]
    [InlineData("4096x2048")]
    [InlineData("big")]
    public async Task A_size_that_the_model_cannot_draw_is_refused(string size) =>
        Assert.Equal((400, "invalid_value"), await RefusalOfAsync(Generations, ABody(size: size)));

    [Fact]
    public async Task Many_images_cannot_be_streamed()
    {
        var body = ABody();
        body["stream"] = true;
        body["n"] = 2;

        Assert.Equal((400, null, "Streaming is only supported with n=1."), await ErrorOfAsync(Generations, body));
    }

    [Fact]
    public async Task A_body_that_is_no_object_is_refused()
    {
        using var response = await Http.PostAsync(new Uri(Generations, UriKind.Relative), new StringContent("[1"), Cancel);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Fact]
    public async Task Format_compression_and_transparency_are_obeyed()
    {
        var jpeg = ABody();
        jpeg["output_format"] = "jpeg";
        jpeg["output_compression"] = 40;
        var clear = ABody();
        clear["background"] = "transparent";
        using var jpegResponse = await PostAsync(Generations, jpeg);
        using var clearResponse = await PostAsync(Generations, clear);

        Assert.Equal(ImageFormat.Jpeg, PictureFile.Describe(ImageOf((await JsonAsync(jpegResponse))["data"]![0])).Format);
        Assert.Equal(6, PictureFile.PngColorType(ImageOf((await JsonAsync(clearResponse))["data"]![0])));
    }

    [Fact]
    public async Task What_came_over_the_wire_is_kept_for_tests()
    {
        var body = ABody();
        body["user"] = "u1";
        using var response = await PostAsync(Dated, body);

        var call = Assert.Single(Emulator.Received);
        Assert.Equal((ImageOperation.Generation, "/openai/deployments/img2/images/generations", "2025-04-01-preview", true), (call.Operation, call.Path, call.ApiVersion, call.HasApiKey));
        Assert.Equal("u1", call.Fields["user"].GetString());
    }
}
