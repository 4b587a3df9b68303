using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using ServerlessImages.Ledger;

namespace ServerlessImages.Tests.Api;

/// <summary>What a model's own page says of it, and that it is true.</summary>
public sealed class ModelTests : IAsyncLifetime
{
    private Product product = null!;
    private Customer customer = null!;

    public async ValueTask InitializeAsync()
    {
        product = await Product.StartAsync();
        customer = await product.CustomerAsync(plan: "standard");
    }

    public ValueTask DisposeAsync() => product.DisposeAsync();

    [Fact]
    public async Task A_model_says_what_it_can_do_what_that_costs_the_caller_and_how_long_it_takes()
    {
        using var response = await GetAsync("/v1/models/gpt-image-1.5");

        Assert.Equal(JsonNode.Parse("""
            {
              "id": "gpt-image-1.5",
              "object": "model",
              "created": 1765843200,
              "owned_by": "openai",
              "aliases": ["gpt-image-1.5-2025-12-16"],
              "shutdown_date": 1813104000,
              "capabilities": {
                "sizes": ["auto", "1024x1024", "1536x1024", "1024x1536"],
                "any_size": null,
                "qualities": ["auto", "low", "medium", "high"],
                "output_formats": ["png", "jpeg"],
                "backgrounds": ["auto", "opaque", "transparent"],
                "input_fidelities": ["low", "high"],
                "takes_markup": false,
                "input_images_max": 16,
                "n_max": 10,
                "streaming": true,
                "partial_images_max": 3
              },
              "prices": {
                "price_version": "gpt-image-1.5@2025-12-16",
                "currency": "usd",
                "per_million_tokens_usd": { "text_input": "6.250000", "image_input": "10.000000", "output": "40.000000" },
                "per_image_usd": {
                  "1024x1024": { "low": "0.011280", "medium": "0.042520", "high": "0.166400" },
                  "1536x1024": { "low": "0.016320", "medium": "0.063360", "high": "0.250000" },
                  "1024x1536": { "low": "0.016320", "medium": "0.063360", "high": "0.250000" }
                }
              },
              "expected_seconds": { "low": 15, "medium": 35, "high": 90 }
            }
            """)!.ToJsonString(), await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task The_list_has_each_model_as_it_is_shown_alone()
    {
        using var list = await GetAsync("/v1/models");

        foreach (var model in (await list.JsonAsync()).GetProperty("data").EnumerateArray())
        {
            using var alone = await GetAsync("/v1/models/" + model.Text("id"));
            Assert.Equal(model.GetRawText(), (await alone.JsonAsync()).GetRawText());
        }
    }

    [Theory]
    [InlineData("standard")]
    [InlineData("trusted")]
    [InlineData("wide")]
    public async Task A_shown_price_is_the_output_line_of_the_quote_for_that_size_and_quality(string plan)
    {
        var caller = await product.CustomerAsync(plan: plan);
        using var list = await caller.Http.GetAsync(new Uri("/v1/models", UriKind.Relative), TestContext.Current.CancellationToken);
        var shown = (await list.JsonAsync()).GetProperty("data").EnumerateArray().SelectMany(Prices).ToArray();

        Assert.True(shown.Length > 50);
        foreach (var (model, size, quality, price) in shown)
        {
            using var quoted = await caller.Http.PostAsJsonAsync("/v1/quotes", new { model, prompt = "a red fox", size, quality }, TestContext.Current.CancellationToken);
            var lines = (await quoted.JsonAsync()).GetProperty("lines").EnumerateArray();
            Assert.Equal(price, lines.Single(line => line.Text("item") is "output_tokens" or "images").Text("amount_usd"));
        }
    }

    [Fact]
    public async Task An_alias_is_its_model_everywhere_and_the_books_have_the_models_own_name()
    {
        const string Alias = "gpt-image-2-2026-04-21";
        using var model = await GetAsync("/v1/models/" + Alias);
        using var quote = await customer.Http.PostAsJsonAsync("/v1/quotes", new { model = Alias, prompt = "fox" }, TestContext.Current.CancellationToken);
        using var image = await customer.GenerateAsync(new { model = Alias, prompt = "fox", size = "1024x1024", quality = "low" });
        using var inPath = await customer.Http.PostAsJsonAsync($"/openai/deployments/{Alias}/images/generations", new { model = "gpt-image-2", prompt = "fox", size = "1024x1024", quality = "low" }, TestContext.Current.CancellationToken);
        var entries = (await customer.RowsAsync("L")).Select(LedgerEntry.From).Where(entry => entry.Request is not null);

        Assert.Equal("gpt-image-2", (await model.JsonAsync()).Text("id"));
        Assert.Equal("gpt-image-2", (await quote.JsonAsync()).Text("model"));
        Assert.Equal("gpt-image-2", (await customer.RequestAsync((await image.JsonAsync()).Text("id"))).Text("model"));
        Assert.Equal(HttpStatusCode.OK, inPath.StatusCode);
        Assert.All(entries, entry => Assert.Equal("gpt-image-2", entry.Request!.Summary.Model));
    }

    [Fact]
    public async Task A_name_that_no_model_has_is_unknown()
    {
        using var model = await GetAsync("/v1/models/gpt-image-2-2026-04-22");
        using var image = await customer.GenerateAsync(new { model = "gpt-image-2-2026-04-22", prompt = "fox" });

        await model.AssertErrorAsync(HttpStatusCode.NotFound, "model_not_found");
        await image.AssertErrorAsync(HttpStatusCode.BadRequest, "unknown_model");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_images_of_a_model_that_ends_within_90_days_say_so(bool stream)
    {
        using var ending = await customer.GenerateAsync(new { model = TestCatalog.FlatModel, prompt = "fox", size = "1024x1024", quality = "low", stream });
        using var staying = await customer.GenerateAsync(new { model = "gpt-image-2", prompt = "fox", size = "1024x1024", quality = "low", stream });

        Assert.Equal(HttpStatusCode.OK, ending.StatusCode);
        Assert.Equal("@" + Seconds(TestCatalog.FlatShutdown.AddDays(-90)), ending.Header("Deprecation"));
        Assert.Equal(TestCatalog.FlatShutdown.ToDateTime(TimeOnly.MinValue).ToString("R", CultureInfo.InvariantCulture), ending.Header("Sunset"));
        Assert.Equal(("", ""), (staying.Header("Deprecation"), staying.Header("Sunset")));
    }

    private Task<HttpResponseMessage> GetAsync(string path) => customer.Http.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);

    private static IEnumerable<(string Model, string Size, string Quality, string Price)> Prices(JsonElement model) =>
        from size in model.GetProperty("prices").GetProperty("per_image_usd").EnumerateObject()
        from quality in size.Value.EnumerateObject()
        select (model.Text("id"), size.Name, quality.Name, quality.Value.GetString()!);

    private static string Seconds(DateOnly day) => new DateTimeOffset(day.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
}
