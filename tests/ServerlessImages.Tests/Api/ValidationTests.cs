using System.Net;
using System.Text;
using ServerlessImages.Keys;

namespace ServerlessImages.Tests.Api;

/// <summary>Bad input gets a clear, coded error before any money moves.</summary>
public sealed class ValidationTests : IAsyncLifetime
{
    private Product product = null!;
    private Customer customer = null!;

    public async ValueTask InitializeAsync()
    {
        product = await Product.StartAsync();
        customer = await product.CustomerAsync();
    }

    public ValueTask DisposeAsync() => product.DisposeAsync();

    [Theory]
    [InlineData("""{"prompt":"fox"}""", "missing_required_parameter", "model")]
    [InlineData("""{"model":"gpt-image-2"}""", "missing_required_parameter", "prompt")]
    [InlineData("""{"model":"gpt-image-2","prompt":""}""", "invalid_value", "prompt")]
    [InlineData("""{"model":"gpt-image-2","prompt":7}""", "invalid_value", "prompt")]
    [InlineData("""{"model":"gpt-image-2","prompt":"\ud800"}""", "invalid_value", "prompt")]
    [InlineData("""{"model":"dall-e-3","prompt":"fox"}""", "unknown_model", "model")]
    [InlineData("""{"model":"gpt-image-2","prompt":"fox","size":"1000x1000"}""", "invalid_size", "size")]
    [InlineData("""{"model":"gpt-image-2","prompt":"fox","size":"512x512"}""", "invalid_size", "size")]
    [InlineData("""{"model":"gpt-image-2","prompt":"fox","size":"3840x1024"}""", "invalid_size", "size")]
    [InlineData("""{"model":"gpt-image-2","prompt":"fox","size":"3856x2160"}""", "invalid_size", "size")]
    [InlineData("""{"model":"gpt-image-2","prompt":"fox","size":"1024 x 1024"}""", "invalid_size", "size")]
    [InlineData("""{"model":"gpt-image-1.5","prompt":"fox","size":"2048x2048"}""", "invalid_size", "size")]
    [InlineData("""{"model":"gpt-image-2","prompt":"fox","quality":"max"}""", "unsupported_by_model", "quality")]
    [InlineData("""{"model":"gpt-image-2","prompt":"fox","quality":"hd"}""", "unsupported_by_model", "quality")]
    [InlineData("""{"model":"gpt-image-2","prompt":"fox","output_format":"webp"}""", "unsupported_by_model", "output_format")]
    [InlineData("""{"model":"gpt-image-2","prompt":"fox","output_format":"gif"}""", "invalid_value", "output_format")]
    [InlineData("""{"model":"gpt-image-2","prompt":"fox","background":"transparent","output_format":"jpeg"}""", "invalid_value", "background")]
    [InlineData("""{"model":"gpt-image-2","prompt":"fox","output_compression":50}""", "invalid_value", "output_compression")]
    [InlineData("""{"model":"gpt-image-2","prompt":"fox","output_format":"jpeg","output_compression":101}""", "invalid_value", "output_compression")]
    [InlineData("""{"model":"gpt-image-2","prompt":"fox","n":0}""", "invalid_value", "n")]
    [InlineData("""{"model":"gpt-image-2","prompt":"fox","n":11}""", "invalid_value", "n")]
    [InlineData("""{"model":"gpt-image-2","prompt":"fox","n":1.5}""", "invalid_value", "n")]
    [InlineData("""{"model":"gpt-image-2","prompt":"fox","stream":"yes"}""", "invalid_value", "stream")]
    [InlineData("""{"model":"gpt-image-2","prompt":"fox","stream":true,"partial_images":4}""", "invalid_value", "partial_images")]
    [InlineData("""{"model":"gpt-image-2","prompt":"fox","partial_images":1}""", "invalid_value", "partial_images")]
    [InlineData("""{"model":"gpt-image-2","prompt":"fox","moderation":"off"}""", "invalid_value", "moderation")]
    [InlineData("""{"model":"gpt-image-2","prompt":"fox","response_format":"uri"}""", "invalid_value", "response_format")]
    [InlineData("""{"model":"gpt-image-2","prompt":"fox","style":"vivid"}""", "unsupported_by_model", "style")]
    [InlineData("""{"model":"gpt-image-2","prompt":"fox","complexity":"low"}""", "unsupported_by_model", "complexity")]
    [InlineData("""{"model":"gpt-image-2","prompt":"fox","sise":"1024x1024"}""", "unknown_parameter", "sise")]
    public async Task A_wrong_field_is_named(string body, string code, string param)
    {
        using var response = await PostAsync(body);
        var error = await response.AssertErrorAsync(HttpStatusCode.BadRequest, code);

        Assert.Equal(param, error.Text("param"));
        Assert.Equal("invalid_request_error", error.Text("type"));
        Assert.Equal("false", response.Header("x-should-retry"));
        await AssertNothingHappenedAsync();
    }

    [Theory]
    [InlineData("", "body_required")]
    [InlineData("fox", "invalid_json")]
    [InlineData("[]", "invalid_json")]
    [InlineData("""{"\ud800":1}""", "invalid_json")]
    [InlineData("""{"model":"gpt-image-2","prompt":"fox","tags":{"\ud800":"1"}}""", "invalid_json")]
    [InlineData("""{"model":"gpt-image-2","model":"gpt-image-1.5"}""", "invalid_json")]
    [InlineData("""{"a":{"b":{"c":{"d":{"e":{"f":{"g":{"h":{"i":1}}}}}}}}}""", "invalid_json")]
    public async Task A_body_that_is_no_object_is_said_to_be_none(string body, string code)
    {
        using var response = await PostAsync(body);

        await response.AssertErrorAsync(HttpStatusCode.BadRequest, code);
        await AssertNothingHappenedAsync();
    }

    [Fact]
    public async Task A_message_is_readable_as_it_comes()
    {
        using var response = await PostAsync("""{"model":"gpt-image-2","prompt":"fox","n":0}""");

        Assert.Contains("""
            "message":"Invalid value for 'n': expected a whole number from 1 to 10."
            """, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_prompt_of_32_000_characters_passes_and_one_more_does_not()
    {
        using var longest = await customer.GenerateAsync(new { model = "gpt-image-2", prompt = new string('a', 32_000), size = "1024x1024", quality = "low" });
        using var longer = await customer.GenerateAsync(new { model = "gpt-image-2", prompt = new string('a', 32_001) });

        Assert.Equal(HttpStatusCode.OK, longest.StatusCode);
        await longer.AssertErrorAsync(HttpStatusCode.BadRequest, "invalid_value");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_body_beyond_the_bound_is_413_however_it_is_sent(bool chunked)
    {
        using var content = new StringContent($$"""{"prompt":"{{new string('a', 1024 * 1024)}}"}""", Encoding.UTF8, "application/json");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/images/generations") { Content = content, Headers = { TransferEncodingChunked = chunked } };
        using var response = await customer.Http.SendAsync(request, TestContext.Current.CancellationToken);

        await response.AssertErrorAsync(HttpStatusCode.RequestEntityTooLarge, "body_too_large");
    }

    [Fact]
    public async Task Null_counts_as_absent_and_what_changes_nothing_is_accepted()
    {
        using var response = await PostAsync("""
            {"model":"gpt-image-2","prompt":"fox","size":"1024x1024","quality":"low","n":null,"user":null,"response_format":"b64_json","output_compression":100,"partial_images":0,"stream":false}
            """);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task Both_ways_to_send_the_key_work_and_no_other()
    {
        using var http = new HttpClient { BaseAddress = product.Local.BaseUrl };
        using var none = await http.GetAsync(new Uri("/v1/balance", UriKind.Relative), TestContext.Current.CancellationToken);
        using var query = await http.GetAsync(new Uri("/v1/balance?api-key=" + customer.Key, UriKind.Relative), TestContext.Current.CancellationToken);
        http.DefaultRequestHeaders.Add("api-key", customer.Key);
        using var header = await http.GetAsync(new Uri("/v1/balance", UriKind.Relative), TestContext.Current.CancellationToken);

        await none.AssertErrorAsync(HttpStatusCode.Unauthorized, "invalid_api_key");
        await query.AssertErrorAsync(HttpStatusCode.Unauthorized, "invalid_api_key");
        Assert.Equal("5.000000", (await header.JsonAsync()).Text("available_usd"));
    }

    [Fact]
    public async Task A_key_does_only_what_its_scopes_say()
    {
        var reader = await product.CustomerAsync(scopes: Scope.UsageRead);

        using var balance = await reader.Http.GetAsync(new Uri("/v1/balance", UriKind.Relative), TestContext.Current.CancellationToken);
        using var image = await reader.GenerateAsync("a red fox");

        Assert.Equal(HttpStatusCode.OK, balance.StatusCode);
        await image.AssertErrorAsync(HttpStatusCode.Forbidden, "missing_scope");
        Assert.Equal(0, product.Local.Emulator.Calls);
    }

    [Fact]
    public async Task Another_accounts_request_is_as_unknown_as_none()
    {
        using var mine = await customer.GenerateAsync("a red fox");
        var id = mine.Header("x-request-id");
        var other = await product.CustomerAsync();

        foreach (var path in new[] { $"/v1/requests/{id}", $"/v1/requests/{id}/content", "/v1/requests/req_0", "/v1/requests/..%2f..%2fsecrets" })
        {
            using var response = await other.Http.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);
            await response.AssertErrorAsync(HttpStatusCode.NotFound, "request_not_found");
        }
    }

    [Theory]
    [InlineData("?index=1", HttpStatusCode.NotFound, "result_not_found")]
    [InlineData("?index=-1", HttpStatusCode.NotFound, "result_not_found")]
    [InlineData("?index=x", HttpStatusCode.NotFound, "result_not_found")]
    public async Task An_image_that_was_not_made_is_not_found(string query, HttpStatusCode status, string code)
    {
        using var made = await customer.GenerateAsync("a red fox");
        using var response = await customer.Http.GetAsync(new Uri($"/v1/requests/{made.Header("x-request-id")}/content{query}", UriKind.Relative), TestContext.Current.CancellationToken);

        await response.AssertErrorAsync(status, code);
    }

    [Fact]
    public async Task Unknown_paths_and_methods_have_the_shape_of_every_error()
    {
        using var path = await customer.Http.GetAsync(new Uri("/v1/nothing", UriKind.Relative), TestContext.Current.CancellationToken);
        using var method = await customer.Http.GetAsync(new Uri("/v1/images/generations", UriKind.Relative), TestContext.Current.CancellationToken);
        using var model = await customer.Http.GetAsync(new Uri("/v1/models/dall-e-3", UriKind.Relative), TestContext.Current.CancellationToken);

        await path.AssertErrorAsync(HttpStatusCode.NotFound, "endpoint_not_found");
        await method.AssertErrorAsync(HttpStatusCode.MethodNotAllowed, "method_not_allowed");
        await model.AssertErrorAsync(HttpStatusCode.NotFound, "model_not_found");
    }

    [Fact]
    public async Task A_model_without_a_price_is_nowhere_to_be_found()
    {
        var folder = Directory.CreateTempSubdirectory("serverlessimages-").FullName;
        var prices = Path.Combine(folder, "none.json");
        await File.WriteAllTextAsync(prices, """{"prices":[]}""", TestContext.Current.CancellationToken);
        await using var unpriced = await Product.StartAsync(options => options with { Settings = new Dictionary<string, string?>(options.Settings) { ["Catalog:PricesFile"] = prices } });
        var caller = await unpriced.CustomerAsync();
        using var list = await caller.Http.GetAsync(new Uri("/v1/models", UriKind.Relative), TestContext.Current.CancellationToken);
        using var model = await caller.Http.GetAsync(new Uri("/v1/models/gpt-image-2", UriKind.Relative), TestContext.Current.CancellationToken);
        using var image = await caller.GenerateAsync("a red fox");
        Directory.Delete(folder, recursive: true);

        Assert.Empty((await list.JsonAsync()).GetProperty("data").EnumerateArray());
        await model.AssertErrorAsync(HttpStatusCode.NotFound, "model_not_found");
        await image.AssertErrorAsync(HttpStatusCode.BadRequest, "unknown_model");
    }

    [Fact]
    public async Task Models_and_health_answer()
    {
        using var models = await customer.Http.GetAsync(new Uri("/v1/models", UriKind.Relative), TestContext.Current.CancellationToken);
        using var http = new HttpClient { BaseAddress = product.Local.BaseUrl };
        using var health = await http.GetAsync(new Uri("/health", UriKind.Relative), TestContext.Current.CancellationToken);
        var list = await models.JsonAsync();

        Assert.Equal("list", list.Text("object"));
        Assert.Contains("gpt-image-2", list.GetProperty("data").EnumerateArray().Select(model => model.Text("id")));
        Assert.Equal("""{"status":"ok"}""", await health.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    private async Task AssertNothingHappenedAsync()
    {
        var balance = await customer.BalanceAsync();
        Assert.Equal((new Money(5_000_000), 1L, 0), (balance.Available, balance.Sequence, product.Local.Emulator.Calls));
        Assert.Empty(await customer.RowsAsync("H"));
    }

    private async Task<HttpResponseMessage> PostAsync(string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        return await customer.Http.PostAsync(new Uri("/v1/images/generations", UriKind.Relative), content, TestContext.Current.CancellationToken);
    }
}
