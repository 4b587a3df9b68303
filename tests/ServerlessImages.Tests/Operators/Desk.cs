using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using ServerlessImages.Local;
using ServerlessImages.Tests.Api;

namespace ServerlessImages.Tests.Operators;

/// <summary>The whole product with a directory of operators, and one who may read and write.</summary>
internal sealed class Desk : IAsyncDisposable
{
    private readonly OperatorDirectory directory;

    private Desk(OperatorDirectory directory, Product product)
    {
        (this.directory, Product) = (directory, product);
        Http = As("Operator.Read", "Operator.Write");
    }

    public Product Product { get; }

    public HttpClient Http { get; }

    public static async Task<Desk> StartAsync(Func<LocalOptions, LocalOptions>? change = null, params (string Name, string Value)[] settings)
    {
        var operators = await OperatorDirectory.StartAsync();
        return new Desk(operators, await Product.StartAsync(change, [.. operators.Settings, .. settings]));
    }

    public string Token(params string[] roles) => directory.Token(null, roles);

    public HttpClient As(params string[] roles) => new() { BaseAddress = Product.Local.BaseUrl, DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", Token(roles)) } };

    public async Task<string> AccountAsync(string name = "Fox Studio", string plan = "wide") => (await DoAsync(HttpMethod.Post, "/operator/v1/accounts", new { name, plan })).Text("id");

    /// <summary>A key of the account, as its owner uses it.</summary>
    public async Task<(string Id, HttpClient Http)> KeyAsync(string account)
    {
        var key = await DoAsync(HttpMethod.Post, $"/operator/v1/accounts/{account}/keys", new { });
        return (key.Text("id"), new HttpClient { BaseAddress = Product.Local.BaseUrl, DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", key.Text("key")) } });
    }

    /// <summary>An image of the model at one cent.</summary>
    public static async Task<JsonElement> DrawAsync(HttpClient customer, HttpStatusCode status = HttpStatusCode.OK)
    {
        using var image = await customer.PostAsJsonAsync("/v1/images/generations", new { model = TestCatalog.FlatModel, prompt = "a red fox", size = "1024x1024", quality = "low" }, TestContext.Current.CancellationToken);
        Assert.Equal(status, image.StatusCode);
        return await image.JsonAsync();
    }

    public async Task<JsonElement> GetAsync(string path)
    {
        using var response = await Http.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await response.JsonAsync();
    }

    public async Task<JsonElement> DoAsync(HttpMethod method, string path, object body, string? key = null)
    {
        using var response = await SendAsync(method, path, body, key);
        var json = await response.JsonAsync();
        Assert.True(response.IsSuccessStatusCode, json.GetRawText());
        return json;
    }

    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, object? body = null, string? key = null, HttpClient? by = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative)) { Content = body is null ? null : JsonContent.Create(body) };
        if (key is not null) request.Headers.Add("Idempotency-Key", key);
        return await (by ?? Http).SendAsync(request, TestContext.Current.CancellationToken);
    }

    public async Task AssertRefusedAsync(HttpMethod method, string path, object? body, HttpStatusCode status, string code)
    {
        using var response = await SendAsync(method, path, body);
        await response.AssertErrorAsync(status, code);
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await Product.DisposeAsync();
        await directory.DisposeAsync();
    }
}
