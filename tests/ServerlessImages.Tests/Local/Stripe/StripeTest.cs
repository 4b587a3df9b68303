using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using ServerlessImages.Local.Stripe;

namespace ServerlessImages.Tests.Local.Stripe;

/// <summary>The emulated Stripe in a time that tests move, called over plain HTTP and listened to by an endpoint for each kind of event.</summary>
public abstract class StripeTest : IAsyncLifetime
{
    private readonly HttpClient http = new(new SocketsHttpHandler { AllowAutoRedirect = false });
    private StripeEmulator? stripe;

    protected StripeEmulator Stripe => stripe!;
    private protected FakeTimeProvider Clock { get; } = Sample.Clock();
    private protected WebhookEndpoint Endpoint { get; private set; } = null!;
    private protected WebhookEndpoint ThinEndpoint { get; private set; } = null!;
    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;
    protected static string Fields(long number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);

    public async ValueTask InitializeAsync()
    {
        (Endpoint, ThinEndpoint) = (await WebhookEndpoint.StartAsync(), await WebhookEndpoint.StartAsync());
        stripe = await StripeEmulator.StartAsync(Options(new() { Time = Clock, MoveTime = Clock.SetUtcNow, WebhookUrl = Endpoint.Url, ThinWebhookUrl = ThinEndpoint.Url }), Cancel);
        http.BaseAddress = stripe.Endpoint;
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "sk_test_emulator");
    }

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        await Stripe.DisposeAsync();
        await Endpoint.DisposeAsync();
        await ThinEndpoint.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    protected virtual StripeEmulatorOptions Options(StripeEmulatorOptions options) => options;

    /// <param name="fields">As Stripe's forms name them: <c>metadata[account]</c>.</param>
    protected Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string? key, params (string Name, string Value)[] fields)
    {
        var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
        if (method != HttpMethod.Get) request.Content = new FormUrlEncodedContent(fields.Select(each => KeyValuePair.Create(each.Name, each.Value)));
        if (key is not null) request.Headers.Add("Idempotency-Key", key);
        return http.SendAsync(request, Cancel);
    }

    protected async Task<JsonObject> PostAsync(string path, params (string Name, string Value)[] fields)
    {
        using var response = await SendAsync(HttpMethod.Post, path, null, fields);
        return await GoodAsync(response);
    }

    /// <summary>The error of a call that is refused, with its status.</summary>
    protected async Task<(int Status, JsonObject Error)> RefusedAsync(string path, params (string Name, string Value)[] fields)
    {
        using var response = await SendAsync(HttpMethod.Post, path, null, fields);
        return ((int)response.StatusCode, (await JsonAsync(response))["error"]!.AsObject());
    }

    protected async Task<JsonObject> GetAsync(string path)
    {
        using var response = await SendAsync(HttpMethod.Get, path, null);
        return await GoodAsync(response);
    }

    protected async Task<JsonArray> ListAsync(string path) => (await GetAsync(path))["data"]!.AsArray();

    protected static async Task<JsonObject> GoodAsync(HttpResponseMessage response)
    {
        ArgumentNullException.ThrowIfNull(response);
        var json = await JsonAsync(response);
        Assert.True(response.StatusCode == HttpStatusCode.OK, json.ToJsonString());
        return json;
    }

    protected static async Task<JsonObject> JsonAsync(HttpResponseMessage response)
    {
        ArgumentNullException.ThrowIfNull(response);
        return JsonNode.Parse(await response.Content.ReadAsStringAsync(Cancel))!.AsObject();
    }

    protected async Task<string> CustomerAsync() => Id(await PostAsync("/v1/customers", ("name", "Fox Studio"), ("metadata[account]", "acct_sample")));

    /// <summary>Chooses a card at a page of the emulator.</summary>
    protected Task<HttpResponseMessage> PayAsync(JsonObject session, StripeTestCard card)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(card);
        return http.PostAsync(new Uri(session["url"]!.GetValue<string>()), new FormUrlEncodedContent([KeyValuePair.Create("card", card.Number)]), Cancel);
    }

    protected Task<JsonObject> TopUpAsync(string customer, string cents = "2000") => PostAsync(
        "/v1/checkout/sessions",
        ("mode", "payment"), ("customer", customer), ("success_url", "https://images.example.com/ok"), ("line_items[0][quantity]", "1"), ("line_items[0][price_data][currency]", "usd"),
        ("line_items[0][price_data][unit_amount]", cents), ("line_items[0][price_data][product_data][name]", "Prepaid credit"), ("invoice_creation[enabled]", "true"));

    protected static string Id(JsonObject json)
    {
        ArgumentNullException.ThrowIfNull(json);
        return json["id"]!.GetValue<string>();
    }
}
