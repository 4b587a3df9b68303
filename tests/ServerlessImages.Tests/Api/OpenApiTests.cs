using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using ServerlessImages.Api.Http;
using ServerlessImages.Api.Images;
using ServerlessImages.Api.OpenApi;
using ServerlessImages.Tests.Docs;

namespace ServerlessImages.Tests.Api;

/// <summary>The OpenAPI document says what the API does: every endpoint, field, header and error, and nothing else.</summary>
public sealed class OpenApiTests : IAsyncLifetime
{
    private Product product = null!;
    private Customer customer = null!;
    private OpenApiText document = null!;

    public async ValueTask InitializeAsync()
    {
        product = await Product.StartAsync();
        customer = await product.CustomerAsync();
        using var anyone = new HttpClient { BaseAddress = product.Local.BaseUrl };
        document = new(await anyone.GetFromJsonAsync<JsonElement>(new Uri("/openapi/v1.json", UriKind.Relative), TestContext.Current.CancellationToken));
    }

    public ValueTask DisposeAsync() => product.DisposeAsync();

    [Fact]
    public void Every_endpoint_is_an_operation_with_an_id_and_no_other_is()
    {
        // Azure's prefixes lead to the same handlers, and pages are no API.
        var mapped = product.Local.Services.GetRequiredService<EndpointDataSource>().Endpoints.Cast<RouteEndpoint>()
            .Where(endpoint => endpoint.RoutePattern.RawText is { } route && (route.StartsWith("/v1/", StringComparison.Ordinal) || route is "/health" or "/health/ready" or "/f/{token}" or "/.well-known/jwks.json"))
            .SelectMany(endpoint => endpoint.Metadata.GetRequiredMetadata<IHttpMethodMetadata>().HttpMethods, (endpoint, method) => $"{method} {endpoint.RoutePattern.RawText}")
            .Order(StringComparer.Ordinal);

        Assert.Equal(mapped, document.Operations.Where(each => each.Json.TryGetProperty("operationId", out _)).Select(each => each.Endpoint).Order(StringComparer.Ordinal));
        Assert.Equal(mapped, document.Operations.Select(each => each.Endpoint).Order(StringComparer.Ordinal));
        Assert.Equal(mapped, ApiOperations.All.Select(each => each.Endpoint).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_error_code_is_in_it_with_its_status()
    {
        // The document is for customers.
        var everywhere = new[] { ApiError.EndpointNotFound.Code, ApiError.MethodNotAllowed.Code };
        var elsewhere = new[] { ApiError.InvalidOperatorToken, ApiError.MissingRole("word"), ApiError.OperatorLoginUnavailable, ApiError.AccountNotFound, ApiError.InsufficientCredit(Money.Zero), ApiError.PriceTooSoon(default), ApiError.TooManyExpiringGrants(16), ApiError.InvalidWebhook, ApiError.BillingSetupDiffers("word"), ApiError.JobWorkersLost, ApiError.SignInUnavailable, ApiError.MemberNotFound, ApiError.LastOwner, ApiError.TooManyMembers(100), ApiError.TooManyInvitations(50), ApiError.InvitationNotValid, ApiError.NotAllowedHere, ApiError.FormExpired }.Select(error => error.Code).Concat(everywhere);

        Assert.All(ErrorsDocTests.Errors().Where(error => !elsewhere.Contains(error.Code)), error => Assert.Contains((ErrorWriter.Wire(error.Kind).Status, error.Code), document.Errors));
        Assert.All(everywhere, code => Assert.Contains(code, document.Root.Text("info", "description"), StringComparison.Ordinal));
    }

    [Fact]
    public void It_names_the_public_address_and_both_ways_to_send_the_key()
    {
        Assert.Equal(product.Local.BaseUrl, new Uri(document.Root.GetProperty("servers")[0].Text("url")));
        Assert.Equal(("http", "bearer"), (document.Root.Text("components", "securitySchemes", "bearer", "type"), document.Root.Text("components", "securitySchemes", "bearer", "scheme")));
        Assert.Equal(("apiKey", "api-key", "header"), (document.Root.Text("components", "securitySchemes", "apiKey", "type"), document.Root.Text("components", "securitySchemes", "apiKey", "name"), document.Root.Text("components", "securitySchemes", "apiKey", "in")));
    }

    [Fact]
    public async Task The_fields_of_a_body_are_those_that_are_read()
    {
        var generation = FieldsRead(isEdit: false);
        var edit = FieldsRead(isEdit: true);
        var described = document.Fields("POST /v1/images/generations", "application/json");

        Assert.Empty(described.Except(generation));
        Assert.Equal([.. described, "input_fidelity", "images", "mask", "markup"], document.Fields("POST /v1/images/edits", "application/json").ToHashSet());
        Assert.Equal([.. described, "input_fidelity", "image", "mask", "markup"], document.Fields("POST /v1/images/edits", "multipart/form-data").ToHashSet());
        Assert.Contains("input_fidelity", edit);
        foreach (var name in generation.Except(described))
        {
            using var response = await customer.GenerateAsync(new Dictionary<string, string> { ["model"] = "gpt-image-2", ["prompt"] = "fox", [name] = "x" });
            Assert.Equal("unsupported_by_model", (await response.JsonAsync()).Text("error", "code"));
        }
    }

    [Fact]
    public async Task Images_and_what_is_known_of_them_are_as_described()
    {
        using var image = await customer.GenerateAsync(new { model = TestCatalog.FlatModel, prompt = "a red fox", size = "1024x1024", quality = "low" });
        using var url = await customer.GenerateAsync(new { model = "gpt-image-2", prompt = "a red fox", size = "1024x1024", quality = "low", response_format = "url" });
        var id = (await image.JsonAsync()).Text("id");
        var drawn = new { image_url = "data:image/png;base64," + (await image.JsonAsync()).GetProperty("data")[0].Text("b64_json") };
        using var edit = await customer.Http.PostAsJsonAsync("/v1/images/edits", new { model = "gpt-image-2", prompt = "a blue fox", size = "1024x1024", quality = "low", images = new[] { drawn } }, TestContext.Current.CancellationToken);
        using var quote = await customer.Http.PostAsJsonAsync("/v1/quotes", new { model = "gpt-image-2", prompt = "a blue fox", images = new[] { drawn } }, TestContext.Current.CancellationToken);
        var file = new Uri((await url.JsonAsync()).GetProperty("data")[0].Text("url")).AbsolutePath;

        await document.AssertFitsAsync("POST /v1/images/generations", image);
        await document.AssertFitsAsync("POST /v1/images/generations", url);
        await document.AssertFitsAsync("POST /v1/images/edits", edit);
        await document.AssertFitsAsync("POST /v1/quotes", quote);
        await AssertFitsAsync("GET /f/{token}", file);
        await AssertFitsAsync("GET /v1/requests/{id}", $"/v1/requests/{id}");
        await AssertFitsAsync("GET /v1/requests/{id}/content", $"/v1/requests/{id}/content");
        await AssertFitsAsync("GET /v1/requests", "/v1/requests");
        await AssertFitsAsync("GET /v1/receipts/{id}", $"/v1/receipts/{id}");
        await AssertFitsAsync("GET /v1/usage", "/v1/usage?group_by=model,quality,key,end_user,tag:team");
        await AssertFitsAsync("GET /v1/usage/events", "/v1/usage/events");
        await AssertFitsAsync("GET /v1/events", "/v1/events");
        using var deleted = await customer.Http.DeleteAsync(new Uri($"/v1/requests/{id}", UriKind.Relative), TestContext.Current.CancellationToken);
        await document.AssertFitsAsync("DELETE /v1/requests/{id}", deleted);
    }

    [Theory]
    [InlineData("GET /v1/models", "/v1/models")]
    [InlineData("GET /v1/models/{id}", "/v1/models/gpt-image-2")]
    [InlineData("GET /v1/models/{id}", "/v1/models/gpt-image-1.5")]
    [InlineData("GET /v1/models/{id}", "/v1/models/" + TestCatalog.FlatModel)]
    [InlineData("GET /v1/models/{id}", "/v1/models/nothing")]
    [InlineData("GET /v1/requests", "/v1/requests")]
    [InlineData("GET /v1/requests", "/v1/requests?limit=0")]
    [InlineData("GET /v1/requests/{id}", "/v1/requests/nothing")]
    [InlineData("GET /v1/receipts/{id}", "/v1/receipts/nothing")]
    [InlineData("GET /.well-known/jwks.json", "/.well-known/jwks.json")]
    [InlineData("GET /v1/balance", "/v1/balance")]
    [InlineData("GET /v1/books/{day}", "/v1/books/2026-01-01")]
    [InlineData("GET /v1/books/{day}", "/v1/books/today")]
    [InlineData("GET /v1/usage", "/v1/usage")]
    [InlineData("GET /v1/usage", "/v1/usage?format=csv")]
    [InlineData("GET /v1/usage", "/v1/usage?nothing=1")]
    [InlineData("GET /v1/usage/events", "/v1/usage/events?after=1000")]
    [InlineData("GET /v1/events", "/v1/events?type=nothing")]
    [InlineData("GET /v1/events", "/v1/events?after=evt_nothing")]
    [InlineData("GET /v1/events/{id}", "/v1/events/nothing")]
    [InlineData("GET /v1/keys", "/v1/keys")]
    [InlineData("GET /v1/keys", "/v1/keys?revoked=perhaps")]
    [InlineData("GET /v1/keys/{id}", "/v1/keys/nothing")]
    [InlineData("GET /v1/keys/{id}/limits", "/v1/keys/nothing/limits")]
    [InlineData("GET /v1/end-users/{id}/limits", "/v1/end-users/bob%40example.com/limits")]
    [InlineData("GET /f/{token}", "/f/nothing")]
    [InlineData("GET /health", "/health")]
    [InlineData("GET /health/ready", "/health/ready")]
    public Task What_is_read_is_as_described(string endpoint, string path) => AssertFitsAsync(endpoint, path);

    [Fact]
    public async Task Buying_credit_is_as_described()
    {
        using var opened = await customer.Http.PostAsJsonAsync("/v1/billing/checkout", new { amount_usd = "20" }, TestContext.Current.CancellationToken);
        using var tooMuch = await customer.Http.PostAsJsonAsync("/v1/billing/checkout", new { amount_usd = "20000" }, TestContext.Current.CancellationToken);
        using var portal = await customer.Http.PostAsJsonAsync("/v1/billing/portal", new { }, TestContext.Current.CancellationToken);
        using var unset = await customer.Http.GetAsync(new Uri("/v1/billing/auto-top-up", UriKind.Relative), TestContext.Current.CancellationToken);
        using var set = await customer.Http.PutAsJsonAsync("/v1/billing/auto-top-up", new { enabled = true, threshold_usd = "1", amount_usd = "20", monthly_cap_usd = "100", consent = true }, TestContext.Current.CancellationToken);
        using var refused = await customer.Http.PutAsJsonAsync("/v1/billing/auto-top-up", new { enabled = true }, TestContext.Current.CancellationToken);
        var id = (await opened.JsonAsync()).Text("id");

        await document.AssertFitsAsync("POST /v1/billing/checkout", opened);
        await document.AssertFitsAsync("POST /v1/billing/checkout", tooMuch);
        await document.AssertFitsAsync("POST /v1/billing/portal", portal);
        await document.AssertFitsAsync("GET /v1/billing/auto-top-up", unset);
        await document.AssertFitsAsync("PUT /v1/billing/auto-top-up", set);
        await document.AssertFitsAsync("PUT /v1/billing/auto-top-up", refused);
        await AssertFitsAsync("GET /v1/billing/checkout/{id}", $"/v1/billing/checkout/{id}");
        await AssertFitsAsync("GET /v1/billing/checkout/{id}", "/v1/billing/checkout/nothing");
    }

    [Theory]
    [InlineData("edits", """{"model":"gpt-image-2","prompt":"fox","images":[{"image_url":"http://example.com/fox.png"}]}""")]
    [InlineData("edits", """{"model":"gpt-image-2","prompt":"fox","images":[{"image_url":"data:image/png;base64,AAAA"}]}""")]
    [InlineData("variations", "{}")]
    public async Task Refused_edits_are_as_described(string endpoint, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await customer.Http.PostAsync(new Uri("/v1/images/" + endpoint, UriKind.Relative), content, TestContext.Current.CancellationToken);

        await document.AssertFitsAsync("POST /v1/images/" + endpoint, response);
    }

    [Theory]
    [InlineData("gpt-image-2")]
    [InlineData(TestCatalog.FlatModel)]
    public async Task Quotes_are_as_described(string model)
    {
        using var quote = await customer.Http.PostAsJsonAsync("/v1/quotes", new { model, prompt = "a red fox", size = "1024x1024", quality = "low" }, TestContext.Current.CancellationToken);

        await document.AssertFitsAsync("POST /v1/quotes", quote);
    }

    [Fact]
    public async Task The_events_of_a_stream_are_as_described()
    {
        using var response = await customer.GenerateAsync(new { model = "gpt-image-2", prompt = "a red fox", size = "1024x1024", quality = "low", stream = true, partial_images = 1 });
        using var failing = await customer.GenerateAsync(new { model = "gpt-image-2", prompt = "a fight [moderated-output]", size = "1024x1024", quality = "low", stream = true, partial_images = 1 });
        var events = string.Concat(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), await failing.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))
            .Split('\n').Where(line => line.StartsWith("data: ", StringComparison.Ordinal)).Select(line => JsonElement.Parse(line["data: ".Length..])).ToArray();
        var described = document.Events("POST /v1/images/generations");

        Assert.Equal(["error", "image_generation.completed", "image_generation.partial_image"], events.Select(each => each.Text("type")).Distinct().Order(StringComparer.Ordinal));
        Assert.All(events, each => Assert.Single(described, schema => document.Problem(each, schema) is null));
        document.AssertHeadersFit("POST /v1/images/generations", response);
    }

    [Theory]
    [InlineData("a red fox [moderated]")]
    [InlineData("a red fox [429]")]
    [InlineData("a red fox [500]")]
    [InlineData("")]
    public async Task Errors_are_as_described(string prompt)
    {
        using var response = await customer.GenerateAsync(prompt);

        await document.AssertFitsAsync("POST /v1/images/generations", response);
    }

    [Fact]
    public async Task Errors_of_money_and_key_are_as_described()
    {
        var poor = await product.CustomerAsync(micros: 0);
        using var unpaid = await poor.GenerateAsync("a red fox");
        poor.Http.DefaultRequestHeaders.Authorization = null;
        using var unknown = await poor.GenerateAsync("a red fox");

        await document.AssertFitsAsync("POST /v1/images/generations", unpaid);
        await document.AssertFitsAsync("POST /v1/images/generations", unknown);
    }

    [Fact]
    public async Task The_page_that_shows_it_loads_nothing_from_elsewhere()
    {
        using var anyone = new HttpClient { BaseAddress = product.Local.BaseUrl };
        var page = await anyone.GetStringAsync(new Uri("/docs/", UriKind.Relative), TestContext.Current.CancellationToken);
        using var script = await anyone.GetAsync(new Uri("/docs/scalar.js", UriKind.Relative), TestContext.Current.CancellationToken);

        Assert.Contains("src=\"scalar.js\"", page, StringComparison.Ordinal);
        Assert.Contains("openapi/v1.json", page, StringComparison.Ordinal);
        Assert.DoesNotContain("//", page, StringComparison.Ordinal);
        Assert.True(script.IsSuccessStatusCode);
    }

    private async Task AssertFitsAsync(string endpoint, string path)
    {
        using var response = await customer.Http.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);
        await document.AssertFitsAsync(endpoint, response);
    }

    private HashSet<string> FieldsRead(bool isEdit)
    {
        var fields = new RecordingFields();
        product.Local.Services.GetRequiredService<ImageOrderReader>().Read(fields, isEdit);
        return fields.Read;
    }

    /// <summary>Has no field, and learns which are asked for.</summary>
    private sealed class RecordingFields : RequestFields
    {
        public HashSet<string> Read { get; } = [];

        protected override IEnumerable<string> Names => [];

        protected override bool Contains(string name)
        {
            Read.Add(name);
            return false;
        }

        protected override string? TextOf(string name) => null;

        protected override long? LongOf(string name) => null;

        protected override bool? FlagOf(string name) => null;

        protected override IReadOnlyDictionary<string, string>? MapOf(string name) => null;
    }
}
