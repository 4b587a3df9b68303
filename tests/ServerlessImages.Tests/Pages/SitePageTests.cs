using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using ServerlessImages.Deployments;
using ServerlessImages.Tests.Api;

namespace ServerlessImages.Tests.Pages;

/// <summary>The pages for everybody say what the product does.</summary>
public sealed class SitePageTests
{
    private static readonly string[] Html = ["text/html"];

    [Fact]
    public async Task The_start_is_a_page_for_a_browser_and_an_index_for_everything_else()
    {
        await using var product = await Product.StartAsync();
        var page = await GetAsync(product, "/", Html);
        var index = await GetAsync(product, "/", []);

        Assert.Contains("<h1>The image API whose bill you can check</h1>", page, StringComparison.Ordinal);
        Assert.Equal("ServerlessImages", JsonDocument.Parse(index).RootElement.Text("name"));
    }

    [Fact]
    public async Task The_bill_on_the_first_page_is_the_one_that_a_customer_gets()
    {
        await using var product = await Product.StartAsync();
        var customer = await product.CustomerAsync(plan: "standard");
        using var image = await customer.GenerateAsync("A red fox checks its bill by candlelight");
        var cost = (await image.JsonAsync()).GetProperty("cost");

        var page = await GetAsync(product, "/", Html);

        Assert.Contains($"value=\"{cost.Text("quote_usd")}\"", page, StringComparison.Ordinal);
        Assert.Contains($"value=\"{cost.Text("amount_usd")}\"", page, StringComparison.Ordinal);
        Assert.Contains(cost.Text("price_version"), page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_prices_are_those_of_the_models_on_the_dearest_plan()
    {
        await using var product = await Product.StartAsync();
        var customer = await product.CustomerAsync(plan: "standard");
        using var listed = await customer.Http.GetAsync(new Uri("/v1/models", UriKind.Relative), TestContext.Current.CancellationToken);
        var page = await GetAsync(product, "/", Html);

        foreach (var model in (await listed.JsonAsync()).GetProperty("data").EnumerateArray())
        {
            Assert.Contains(model.Text("id"), page, StringComparison.Ordinal);
            foreach (var price in model.GetProperty("prices").GetProperty("per_image_usd").GetProperty("1024x1024").EnumerateObject()) Assert.Contains($"value=\"{price.Value.GetString()}\"", page, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_status_is_that_of_the_deployments_and_names_none_of_them()
    {
        await using var product = await Product.StartAsync(null, ("Pool:ClosedMax", "00:10:00"));
        var before = await GetAsync(product, "/status", Html);
        var (deployments, states) = (product.Local.Services.GetRequiredService<IImageDeployments>(), product.Local.Services.GetRequiredService<DeploymentStates>());
        var deployment = deployments.All.First(each => each.Model == "gpt-image-2");
        for (var failure = 0; failure < DeploymentState.FailuresMax; failure++)
        {
            await states.EndAsync(deployment, new Attempt(ApiError.ServerError, AttemptEnd.Failed), TestContext.Current.CancellationToken);
        }

        var after = await GetAsync(product, "/status", Html);

        Assert.Contains("Some models are held up.", after, StringComparison.Ordinal);
        Assert.Contains("does not draw now", after, StringComparison.Ordinal);
        Assert.DoesNotContain("does not draw now", before, StringComparison.Ordinal);
        Assert.DoesNotContain(deployment.Name, after, StringComparison.Ordinal);
    }

    private static async Task<string> GetAsync(Product product, string path, string[] accept)
    {
        using var http = new HttpClient { BaseAddress = product.Local.BaseUrl };
        foreach (var type in accept) http.DefaultRequestHeaders.Add("Accept", type);
        return await http.GetStringAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);
    }
}
