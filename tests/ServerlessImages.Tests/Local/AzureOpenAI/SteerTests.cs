using System.Text.Json.Nodes;
using ServerlessImages.Local.AzureOpenAI;
using ServerlessImages.Tests.Adapters.Drawn;

namespace ServerlessImages.Tests.Local.AzureOpenAI;

public sealed class SteerTests : EmulatorTest
{
    [Theory]
    [InlineData("[moderated]", 400, "moderation_blocked")]
    [InlineData("[moderated-output]", 400, "moderation_blocked")]
    [InlineData("[429]", 429, "RateLimitReached")]
    [InlineData("[408]", 408, "Timeout")]
    [InlineData("[500]", 500, "server_error")]
    [InlineData("[503]", 503, "ServiceUnavailable")]
    [InlineData("[blocked]", 403, "Forbidden")]
    [InlineData("[400]", 400, "invalid_value")]
    [InlineData("[error-in-200]", 200, "contentFilter")]
    public async Task A_prompt_can_ask_for_an_error(string steer, int status, string code)
    {
        Assert.Equal((status, code), await RefusalOfAsync(Generations, ABody("a fox " + steer)));
        Assert.Equal(0, Emulator.ImagesDrawn);
    }

    [Fact]
    public async Task A_refused_prompt_says_stage_and_categories()
    {
        using var response = await PostAsync(Generations, ABody("[moderated]"));
        var error = (await JsonAsync(response))["error"]!;

        Assert.Equal("""{"moderation_stage":"input","categories":["violence"]}""", error["moderation_details"]!.ToJsonString());
        Assert.Equal("image_generation_user_error", (string?)error["type"]);
        Assert.EndsWith("safety_violations=[violence].", (string?)error["message"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_gateway_time_out_has_a_code_and_a_message_only()
    {
        using var response = await PostAsync(Generations, ABody("[408]"));

        Assert.Equal("""{"error":{"code":"Timeout","message":"The operation was timeout."}}""", await response.Content.ReadAsStringAsync(Cancel));
    }

    [Fact]
    public async Task Too_many_requests_says_when_to_come_back()
    {
        using var response = await PostAsync(Generations, ABody("[429]"));

        Assert.Equal(TimeSpan.FromSeconds(7), response.Headers.RetryAfter?.Delta);
    }

    [Fact]
    public async Task Fewer_images_can_come_back_and_only_those_are_counted()
    {
        var all = await AnswerAsync("a fox", n: 2);
        var fewer = await AnswerAsync("a fox [missing:2]", n: 4);

        Assert.Equal(2, fewer["data"]!.AsArray().Count);
        Assert.Equal((int?)all["usage"]!["output_tokens"], (int?)fewer["usage"]!["output_tokens"]);
    }

    [Fact]
    public async Task Images_can_be_broken_in_three_ways()
    {
        var corrupt = await AnswerAsync("[corrupt:1]", n: 2);
        var badBase64 = await AnswerAsync("[badbase64:1]", n: 2);
        var truncated = await AnswerAsync("[truncated]", n: 1);

        Assert.False(PictureHeader.TryRead(ImageOf(corrupt["data"]![0]), out _, out _));
        Assert.True(PictureFile.IsWhole(ImageOf(corrupt["data"]![1])));
        Assert.Throws<FormatException>(() => ImageOf(badBase64["data"]![0]));
        Assert.True(PictureFile.IsWhole(ImageOf(badBase64["data"]![1])));
        Assert.False(PictureFile.IsWhole(ImageOf(truncated["data"]![0])));
    }

    [Fact]
    public async Task Usage_can_be_missing_or_far_too_high()
    {
        var plain = await AnswerAsync("a fox", n: 1);
        var huge = await AnswerAsync("a fox [huge-usage]", n: 1);
        var none = await AnswerAsync("a fox [no-usage]", n: 1);

        Assert.Equal(100 * (int)plain["usage"]!["output_tokens"]!, (int)huge["usage"]!["output_tokens"]!);
        Assert.False(none.ContainsKey("usage"));
    }

    [Fact]
    public async Task The_connection_can_break_inside_the_body()
    {
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => PostAsync(Generations, ABody("[reset]")));

        Assert.Equal((1, 0), (Emulator.ImagesDrawn, Emulator.CancelledCalls));
    }

    [Fact]
    public void Every_steer_is_listed_once_and_its_example_is_understood()
    {
        var properties = typeof(PromptSteer).GetProperties().Count(property => property.PropertyType == typeof(PromptSteer));

        Assert.Equal(properties, PromptSteer.All.DistinctBy(steer => steer.Name).Count());
        Assert.All(PromptSteer.All, steer => Assert.True(new Steering($"a fox {steer.Example} at night").Has(steer)));
    }

    private async Task<JsonObject> AnswerAsync(string prompt, int n)
    {
        var body = ABody(prompt);
        body["n"] = n;
        using var response = await PostAsync(Generations, body);
        return await JsonAsync(response);
    }
}
