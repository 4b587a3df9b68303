using System.Text.Json.Nodes;
using ServerlessImages.Tests.Api;

namespace ServerlessImages.Tests.Clients;

/// <summary>The npm package <c>openai</c>, its class <c>AzureOpenAI</c>: the deployment in the path, a dated version, the key in <c>api-key</c>.</summary>
public sealed class NpmAzureOpenAITests(NpmClients npm) : NpmClientTest(npm)
{
    [Fact]
    public async Task A_plain_call_gets_its_image_and_pays_exactly_the_cost_that_it_was_told()
    {
        var seen = await DrawAsync([]);

        Assert.Equal(At("") + "/openai/deployments/gpt-image-2/images/generations?api-version=2025-04-01-preview", Assert.Single(seen.Requests).Url);
        Assert.Single(seen.Images!);
        Assert.Equal(Credit - seen.Answer.Money("cost", "amount_usd"), await BalanceAsync());
    }

    [Fact]
    public async Task Two_images_are_two_pictures_for_one_cost()
    {
        var seen = await DrawAsync(new() { ["n"] = 2 });

        Assert.Equal(2, seen.Images!.Select(image => image.Sha256).Distinct().Count());
        Assert.Equal(Credit - seen.Answer.Money("cost", "amount_usd"), await BalanceAsync());
    }

    [Fact]
    public async Task A_stream_ends_with_the_image_and_its_cost()
    {
        var seen = await DrawAsync(new() { ["stream"] = true, ["partial_images"] = 1 });

        Assert.Equal(["image_generation.partial_image", "image_generation.completed"], seen.Events!.Select(each => each.Type));
        Assert.Equal(Credit - seen.Events![^1].Cost.Money("amount_usd"), await BalanceAsync());
    }

    [Fact]
    public async Task An_edit_of_two_images_with_a_mask_comes_whole_to_the_upstream_and_pays_exactly_its_cost()
    {
        var seen = await DrawAsync(AnEdit());

        Assert.Equal(At("") + "/openai/deployments/gpt-image-2/images/edits?api-version=2025-04-01-preview", Assert.Single(seen.Requests).Url);
        Assert.Single(seen.Images!);
        AssertUpstreamHasTheEdit();
        Assert.Equal(Credit - seen.Answer.Money("cost", "amount_usd"), await BalanceAsync());
    }

    [Fact]
    public async Task A_moderated_prompt_is_the_clients_own_error_and_costs_nothing()
    {
        var seen = await DrawAsync(new() { ["prompt"] = "a fox [moderated]" });

        Assert.Equal(new ClientError("BadRequestError", 400, "moderation_blocked", "image_generation_user_error", "prompt"), seen.Error);
        Assert.Equal(Credit, await BalanceAsync());
    }

    [Fact]
    public async Task A_client_whose_connection_breaks_and_that_sends_again_pays_once_and_gets_the_image()
    {
        var seen = await WithItsConnectionBrokenAsync(DrawAsync);

        Assert.Single(seen.Images!);
        Assert.Equal(Credit - seen.Answer.Money("cost", "amount_usd"), await BalanceAsync());
    }

    private Task<ClientReport> DrawAsync(JsonObject parameters)
    {
        var cheap = new JsonObject { ["model"] = "gpt-image-2", ["prompt"] = "a fox", ["size"] = "1024x1024", ["quality"] = "low" };
        return RunAsync("azure-openai.mjs", At(""), Key, "2025-04-01-preview", Call(cheap, parameters));
    }
}
