using System.Text.Json;
using System.Text.Json.Nodes;
using ServerlessImages.Tests.Api;

namespace ServerlessImages.Tests.Clients;

/// <summary>The npm package <c>ai</c>, its <c>generateImage</c>, with the providers <c>@ai-sdk/openai</c> and <c>@ai-sdk/azure</c>. It has no streams of images.</summary>
public sealed class AiSdkTests(NpmClients npm) : NpmClientTest(npm)
{
    private const string OpenAI = "openai";
    private const string Azure = "azure";

    /// <summary>The Azure provider sends its key in the header <c>api-key</c>.</summary>
    [Theory]
    [InlineData(OpenAI, 1, 196)]
    [InlineData(OpenAI, 2, 391)]
    [InlineData(Azure, 1, 196)]
    [InlineData(Azure, 2, 391)]
    public async Task Images_come_in_one_request_and_cost_what_its_header_says(string provider, int count, int outputTokens)
    {
        var seen = await DrawAsync(provider, "gpt-image-2", new() { ["n"] = count });

        Assert.Single(seen.Requests);
        Assert.Equal(Enumerable.Repeat((1024, 1024), count), seen.Images!.Select(image => (image.Width, image.Height)));
        Assert.Equal(outputTokens, seen.Answer.GetProperty("usage").GetProperty("outputTokens").GetInt32());
        Assert.Equal(Credit - CostOf(seen), await BalanceAsync());
    }

    [Theory]
    [InlineData(OpenAI)]
    [InlineData(Azure)]
    public async Task An_edit_of_two_images_with_a_mask_comes_whole_to_the_upstream_and_costs_what_its_header_says(string provider)
    {
        var images = new JsonArray(Convert.ToBase64String(SampleEdit.First), Convert.ToBase64String(SampleEdit.Second));
        var prompt = new JsonObject { ["text"] = SampleEdit.Prompt, ["images"] = images, ["mask"] = Convert.ToBase64String(SampleEdit.Mask) };

        var seen = await DrawAsync(provider, "gpt-image-2", new() { ["prompt"] = prompt });

        Assert.Single(seen.Images!);
        AssertUpstreamHasTheEdit();
        Assert.Equal(Credit - CostOf(seen), await BalanceAsync());
    }

    [Fact]
    public async Task The_response_format_that_it_adds_for_unfamiliar_models_is_not_what_is_refused()
    {
        var seen = await DrawAsync(OpenAI, "dall-e-3", []);

        Assert.Equal("b64_json", Assert.Single(seen.Requests).Body.GetProperty("response_format").GetString());
        Assert.Equal(new ClientError("AI_APICallError", 400, "unknown_model", "invalid_request_error", "model"), seen.Error);
    }

    [Theory]
    [InlineData(OpenAI)]
    [InlineData(Azure)]
    public async Task A_moderated_prompt_is_an_api_call_error_and_costs_nothing(string provider)
    {
        var seen = await DrawAsync(provider, "gpt-image-2", new() { ["prompt"] = "a fox [moderated]" });

        Assert.Equal(new ClientError("AI_APICallError", 400, "moderation_blocked", "image_generation_user_error", "prompt"), seen.Error);
        Assert.Single(seen.Requests);
        Assert.Equal(Credit, await BalanceAsync());
    }

    /// <summary>As it is used with a resource of Azure's: under <c>/openai/v1</c>, or with the deployment in the path.</summary>
    [Theory]
    [InlineData("/openai/v1", false, "/openai/v1/images/generations")]
    [InlineData("/openai", true, "/openai/deployments/gpt-image-2/images/generations?api-version=v1")]
    public async Task The_azure_provider_finds_its_own_paths(string path, bool byDeployment, string called)
    {
        var seen = await RunAsync("ai-sdk.mjs", Azure, JsonSerializer.Serialize(new { baseURL = At(path), apiKey = Key, useDeploymentBasedUrls = byDeployment }), "gpt-image-2", Call(Cheap(), []));

        Assert.Equal(At("") + called, Assert.Single(seen.Requests).Url);
        Assert.Single(seen.Images!);
        Assert.Equal(Credit - CostOf(seen), await BalanceAsync());
    }

    [Theory]
    [InlineData(OpenAI)]
    [InlineData(Azure)]
    public async Task A_client_whose_connection_breaks_and_that_sends_again_pays_once_and_gets_the_image(string provider)
    {
        var seen = await WithItsConnectionBrokenAsync(changes => DrawAsync(provider, "gpt-image-2", changes));

        Assert.Single(seen.Images!);
        Assert.Equal(Credit - CostOf(seen), await BalanceAsync());
    }

    private static JsonObject Cheap() => new() { ["prompt"] = "a fox", ["size"] = "1024x1024", ["providerOptions"] = new JsonObject { ["openai"] = new JsonObject { ["quality"] = "low" } } };

    private static Money CostOf(ClientReport seen) => Assert.Single(seen.Answer.GetProperty("headers").EnumerateArray()).Money("x-cost-usd");

    private Task<ClientReport> DrawAsync(string provider, string model, JsonObject parameters)
    {
        var settings = JsonSerializer.Serialize(new { baseURL = V1, apiKey = Key });
        return RunAsync("ai-sdk.mjs", provider, settings, model, Call(Cheap(), parameters));
    }
}
