using ServerlessImages.Images;
using ServerlessImages.Tests.Adapters.Drawn;

namespace ServerlessImages.Tests.Local.AzureOpenAI;

public sealed class EventStreamTests : EmulatorTest
{
    [Fact]
    public async Task Partial_images_come_before_the_finished_one_and_are_counted()
    {
        var body = ABody(size: "1024x1024");
        body["partial_images"] = 2;

        var events = await EventsOfAsync(Generations, body);

        Assert.Equal(["image_generation.partial_image", "image_generation.partial_image", "image_generation.completed"], events.Select(each => each.Name));
        Assert.All(events, each => Assert.Equal(new ImageSize(1024, 1024), PictureFile.Describe(ImageOf(each.Data)).Size));
        Assert.Equal([0, 1], events.Take(2).Select(each => (int)each.Data["partial_image_index"]!));
        foreach (var (_, data) in events) (data["b64_json"], data["created_at"]) = ("", 0);
        Assert.Equal(
            """{"type":"image_generation.partial_image","b64_json":"","partial_image_index":1,"created_at":0,"background":"opaque","output_format":"png","quality":"low","size":"1024x1024"}""",
            events[1].Data.ToJsonString());
        Assert.Equal(
            """{"type":"image_generation.completed","b64_json":"","created_at":0,"background":"opaque","output_format":"png","quality":"low","size":"1024x1024","usage":{"input_tokens":1,"input_tokens_details":{"image_tokens":0,"text_tokens":1},"output_tokens":396,"output_tokens_details":{"image_tokens":396,"text_tokens":0},"total_tokens":397}}""",
            events[2].Data.ToJsonString());
        Assert.Equal(1, Emulator.ImagesDrawn);
    }

    [Fact]
    public async Task Without_partial_images_there_is_one_event() =>
        Assert.Equal(["image_generation.completed"], (await EventsOfAsync(Generations, ABody())).Select(each => each.Name));

    [Fact]
    public async Task An_extra_partial_image_is_sent_and_billed()
    {
        var plain = await EventsOfAsync(Generations, ABody());
        var extra = await EventsOfAsync(Generations, ABody("a fox [extra-partial]"));

        Assert.Equal(["image_generation.partial_image", "image_generation.completed"], extra.Select(each => each.Name));
        Assert.Equal((int)plain[^1].Data["usage"]!["output_tokens"]! + 100, (int)extra[^1].Data["usage"]!["output_tokens"]!);
    }

    [Fact]
    public async Task A_picture_refused_while_it_is_drawn_ends_the_stream_with_an_error()
    {
        var body = ABody("a fox [moderated-output]");
        body["partial_images"] = 3;

        var events = await EventsOfAsync(Generations, body);

        Assert.Equal(["image_generation.partial_image", "error"], events.Select(each => each.Name));
        var error = events[1].Data["error"]!;
        Assert.Equal(["moderation_blocked", "image_generation_user_error", "output"], [(string?)error["code"], (string?)error["type"], (string?)error["moderation_details"]!["moderation_stage"]]);
        Assert.Equal(0, Emulator.ImagesDrawn);
    }

    [Fact]
    public async Task An_error_can_be_the_only_event()
    {
        var events = await EventsOfAsync(Generations, ABody("[error-in-200]"));

        Assert.Equal("contentFilter", (string?)Assert.Single(events).Data["error"]!["code"]);
    }

    [Fact]
    public async Task A_missing_image_is_a_stream_that_just_ends()
    {
        var body = ABody("[missing:1]");
        body["partial_images"] = 1;

        Assert.Equal(["image_generation.partial_image"], (await EventsOfAsync(Generations, body)).Select(each => each.Name));
    }

    [Fact]
    public async Task Usage_can_be_left_out() =>
        Assert.False((await EventsOfAsync(Generations, ABody("[no-usage]")))[0].Data.ContainsKey("usage"));

    [Fact]
    public async Task A_connection_can_break_inside_an_event() =>
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => EventsOfAsync(Generations, ABody("[reset]")));

    [Fact]
    public async Task A_refused_stream_is_plain_json()
    {
        var body = ABody("[429]");
        body["stream"] = true;

        Assert.Equal(429, (await ErrorOfAsync(Generations, body)).Status);
    }
}
