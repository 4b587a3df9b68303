using System.Security.Cryptography;
using System.Text.Json.Nodes;
using ServerlessImages.Images;
using ServerlessImages.Tests.Api;

namespace ServerlessImages.Tests.Clients;

/// <summary>The npm package <c>openai</c>, its class <c>OpenAI</c>, with nothing changed but the base URL and the key.</summary>
public sealed class NpmOpenAITests(NpmClients npm) : NpmClientTest(npm)
{
    [Fact]
    public async Task A_plain_call_gets_its_image_and_pays_exactly_the_cost_that_it_was_told()
    {
        var seen = await DrawAsync(new() { ["size"] = "1024x1024" });

        var image = Assert.Single(seen.Images!);
        var kept = await KeptImageAsync(seen.Answer.Text("id"));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(kept)), image.Sha256);
        Assert.True(ImageHeader.TryRead(kept, out var header));
        Assert.Equal(new ImageHeader(ImageFormat.Png, new ImageSize(1024, 1024)), header);
        Assert.Equal((1024, 1024), (image.Width, image.Height));
        Assert.Equal(seen.Answer.Text("id"), seen.RequestId);
        Assert.Equal(196, seen.Answer.GetProperty("usage").GetProperty("output_tokens").GetInt32());
        Assert.Equal(Credit - seen.Answer.Money("cost", "amount_usd"), await BalanceAsync());
    }

    [Fact]
    public async Task Three_images_are_three_pictures_for_one_cost()
    {
        var seen = await DrawAsync(new() { ["n"] = 3 });

        Assert.Equal(3, seen.Images!.Select(image => image.Sha256).Distinct().Count());
        Assert.Equal(3, seen.Answer.GetProperty("cost").GetProperty("images").GetInt32());
        Assert.Equal(Credit - seen.Answer.Money("cost", "amount_usd"), await BalanceAsync());
    }

    [Fact]
    public async Task A_stream_brings_its_partial_images_and_then_the_image_with_usage_and_cost()
    {
        var seen = await DrawAsync(new() { ["stream"] = true, ["partial_images"] = 2 });

        Assert.Equal(["image_generation.partial_image", "image_generation.partial_image", "image_generation.completed"], seen.Events!.Select(each => each.Type));
        Assert.Equal(3, seen.Events!.Select(each => each.Image.Sha256).Distinct().Count());
        Assert.All(seen.Events!, each => Assert.Equal((1024, 1024), (each.Image.Width, each.Image.Height)));
        var completed = seen.Events![^1];
        Assert.Equal(396, completed.Usage.GetProperty("output_tokens").GetInt32());
        Assert.Equal(completed.Image.Sha256, Convert.ToHexStringLower(SHA256.HashData(await KeptImageAsync(completed.Id!))));
        Assert.Equal(Credit - completed.Cost.Money("amount_usd"), await BalanceAsync());
    }

    [Fact]
    public async Task An_edit_of_two_images_with_a_mask_comes_whole_to_the_upstream_and_pays_exactly_its_cost()
    {
        var seen = await DrawAsync(AnEdit());

        Assert.Single(seen.Images!);
        AssertUpstreamHasTheEdit();
        Assert.Equal(SampleEdit.ImageTokens, seen.Answer.GetProperty("usage").GetProperty("input_tokens_details").GetProperty("image_tokens").GetInt32());
        Assert.Equal(Credit - seen.Answer.Money("cost", "amount_usd"), await BalanceAsync());
    }

    [Fact]
    public async Task The_response_format_of_older_models_is_accepted_where_it_changes_nothing()
    {
        var seen = await DrawAsync(new() { ["response_format"] = "b64_json" });

        Assert.Single(seen.Images!);
    }

    [Fact]
    public async Task A_moderated_prompt_is_the_clients_own_error_and_costs_nothing()
    {
        var seen = await DrawAsync(new() { ["prompt"] = "a fox [moderated]" });

        Assert.Equal(new ClientError("BadRequestError", 400, "moderation_blocked", "image_generation_user_error", "prompt"), seen.Error);
        Assert.StartsWith("req_", seen.RequestId, StringComparison.Ordinal);
        Assert.Single(seen.Requests);
        Assert.Equal(Credit, await BalanceAsync());
    }

    [Fact]
    public async Task An_image_moderated_in_the_middle_of_a_stream_is_the_clients_own_error_and_costs_nothing()
    {
        var seen = await DrawAsync(new() { ["prompt"] = "a fox [moderated-output]", ["stream"] = true, ["partial_images"] = 2 });

        Assert.Equal(new ClientError("APIError", null, "moderation_blocked", "image_generation_user_error", "prompt"), seen.Error);
        Assert.Single(seen.Requests);
        Assert.Equal(Credit, await BalanceAsync());
    }

    [Fact]
    public async Task A_wrong_key_is_an_authentication_error()
    {
        var seen = await DrawAsync([], "sk-not-one-of-ours");

        Assert.Equal(new ClientError("AuthenticationError", 401, "invalid_api_key", "authentication_error", null), seen.Error);
        Assert.Single(seen.Requests);
    }

    [Fact]
    public async Task An_unknown_model_is_a_bad_request()
    {
        var seen = await DrawAsync(new() { ["model"] = "gpt-image-99" });

        Assert.Equal(new ClientError("BadRequestError", 400, "unknown_model", "invalid_request_error", "model"), seen.Error);
        Assert.Equal(Credit, await BalanceAsync());
    }

    [Fact]
    public async Task Without_money_the_client_is_told_so_once_and_does_not_try_again()
    {
        var seen = await DrawAsync([], await KeyWithoutMoneyAsync());

        Assert.Equal(new ClientError("APIError", 402, "insufficient_balance", "insufficient_quota", null), seen.Error);
        Assert.Single(seen.Requests);
    }

    [Fact]
    public async Task A_failing_upstream_is_tried_again_by_the_client_and_costs_nothing()
    {
        var seen = await DrawAsync(new() { ["prompt"] = "a fox [500]" });

        Assert.Equal(new ClientError("InternalServerError", 502, "upstream_failed", "upstream_error", null), seen.Error);
        Assert.Equal(3, seen.Requests.Length);
        Assert.Equal(Credit, await BalanceAsync());
    }

    [Fact]
    public async Task A_client_whose_connection_breaks_and_that_sends_again_pays_once_and_gets_the_image()
    {
        var seen = await WithItsConnectionBrokenAsync(changes => DrawAsync(changes));

        Assert.Single(seen.Images!);
        Assert.Equal(Credit - seen.Answer.Money("cost", "amount_usd"), await BalanceAsync());
    }

    /// <param name="key">Default: the customer's.</param>
    private Task<ClientReport> DrawAsync(JsonObject parameters, string? key = null) =>
        RunAsync("openai.mjs", V1, key ?? Key, Call(new() { ["model"] = "gpt-image-2", ["prompt"] = "a fox", ["quality"] = "low" }, parameters));
}
