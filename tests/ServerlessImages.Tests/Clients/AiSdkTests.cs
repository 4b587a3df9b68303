using System.Text.Json;
using System.Text.Json.Nodes;
using ServerlessImages.Tests.Api;

namespace ServerlessImages.Tests.Clients;

/// <summary>The npm package <c>ai</c>, its <c>generateImage</c>, with the providers <c>@ai-sdk/openai</c> and <c>@ai-sdk/azure</c>.</summary>
public sealed class AiSdkTests(NpmClients npm) : NpmClientTest(npm)
{
    private const string OpenAI = "openai";
    private const string Azure = "azure";

    /// <summary>The Azure provider sends its key in the header <c>api-key</c>.</summary>
    [Theory]
    [InlineData(OpenAI)]
    [InlineData(Azure)]
    public async Task Two_images_come_in_one_request_and_cost_what_its_header_says(string provider)
    {
        var seen = await GenerateAsync(provider, "gpt-image-2", new() { ["n"] = 2 });

        Assert.Single(seen.Requests);
        Assert.Equal([(1024, 1024), (1024, 1024)], seen.Images!.Select(image => (image.Width, image.Height)));
        Assert.Equal(391, seen.Answer.GetProperty("usage").GetProperty("outputTokens").GetInt32());
        var answer = Assert.Single(seen.Answer.GetProperty("headers").EnumerateArray());
        Assert.Equal(Credit - answer.Money("x-cost-usd"), await BalanceAsync());
    }

    [Fact]
    public async Task The_response_format_that_it_adds_for_unfamiliar_models_is_not_what_is_refused()
    {
        var seen = await GenerateAsync(OpenAI, "dall-e-3", []);

        Assert.Equal("b64_json", Assert.Single(seen.Requests).Body.GetProperty("response_format").GetString());
        Assert.Equal(new ClientError("AI_APICallError", 400, "unknown_model", "invalid_request_error", "model"), seen.Error);
    }

    [Fact]
    public async Task A_moderated_prompt_is_an_api_call_error_and_costs_nothing()
    {
        var seen = await GenerateAsync(OpenAI, "gpt-image-2", new() { ["prompt"] = "a fox [moderated]" });

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
        Assert.Equal(Credit - Assert.Single(seen.Answer.GetProperty("headers").EnumerateArray()).Money("x-cost-usd"), await BalanceAsync());
    }

    private static JsonObject Cheap() => new() { ["prompt"] = "a fox", ["size"] = "1024x1024", ["providerOptions"] = new JsonObject { ["openai"] = new JsonObject { ["quality"] = "low" } } };

    private Task<ClientReport> GenerateAsync(string provider, string model, JsonObject parameters)
    {
        var settings = JsonSerializer.Serialize(new { baseURL = V1, apiKey = Key });
        return RunAsync("ai-sdk.mjs", provider, settings, model, Call(Cheap(), parameters));
    }
}
