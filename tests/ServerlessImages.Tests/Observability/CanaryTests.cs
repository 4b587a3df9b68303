using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ServerlessImages.Local;
using ServerlessImages.Storage;
using ServerlessImages.Tests.Adapters.AzureOpenAI;
using ServerlessImages.Tests.Api;
using ServerlessImages.Tests.Images;
using ServerlessImages.Tests.Ledger;

namespace ServerlessImages.Tests.Observability;

/// <summary>
/// No secret and no caller's word comes out where it does not belong: not in a log of any level or category, not in a trace, a metric or an error. All that is
/// exported goes over the wire to a collector of this test's own, with everything turned on that an operator can turn on.
/// </summary>
[Collection(MeasuredAlone.Name)]
public sealed class CanaryTests : IAsyncLifetime
{
    private const string Errors = "errors";

    private readonly Canaries canaries = new();
    private readonly FaultyTableStore tables = new(new InMemoryTableStore());
    private readonly BrokenBlobStore blobs = new();
    private UpstreamStub collector = null!;
    private UpstreamStub echo = null!;
    private Product product = null!;

    public async ValueTask InitializeAsync()
    {
        collector = await UpstreamStub.StartAsync(_ => Task.CompletedTask, TestContext.Current.CancellationToken);
        echo = await UpstreamStub.StartAsync(EchoAsync, TestContext.Current.CancellationToken);
        product = await Product.StartAsync(
            options => options.With(services => services.AddSingleton<ITableStore>(tables).AddSingleton<IBlobStore>(blobs).AddLogging(logging => logging.AddProvider(new CapturingLogs(canaries)))),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.Address.AbsoluteUri),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
            ("Logging:LogLevel:Default", "Trace"),
            ("Logging:LogLevel:Microsoft.AspNetCore.Hosting.Diagnostics", "Trace"),
            ("Logging:LogLevel:Microsoft.AspNetCore.Server.Kestrel.BadRequests", "Trace"),
            ("Logging:Capturing:LogLevel:Default", "Trace"),
            ("Logging:OpenTelemetry:LogLevel:Default", "Trace"),
            ("Http:PlainWait", "00:00:20"),
            ("Generation:RepeatWait", "00:00:01"),
            ("AzureOpenAI:Deployments:0:ApiKey", canaries.Put("the deployment's key")),
            ("AzureOpenAI:Deployments:1:Endpoint", echo.Address.AbsoluteUri),
            ("Storage:ConnectionString", $"UseDevelopmentStorage=false;AccountKey={canaries.Put("the connection string")}"));
        var secrets = LocalSecrets.ReadOrMake(product.Local.Options.Folder);
        canaries.Watch("the pepper", secrets.Pepper);
        canaries.Watch("the signing key", secrets.ReceiptKey!);
    }

    public async ValueTask DisposeAsync()
    {
        await product.DisposeAsync();
        await echo.DisposeAsync();
        await collector.DisposeAsync();
    }

    [Fact]
    public async Task No_secret_and_no_word_of_a_caller_comes_out()
    {
        var customer = await CustomerAsync();
        var poor = await CustomerAsync(micros: 0);
        var statuses = new HashSet<HttpStatusCode>();

        // Good calls: all a body can hold, the image that comes back, edits, streams, signed addresses.
        var image = await (await CallAsync(customer, Body())).JsonAsync();
        canaries.Watch("the drawn image", image.GetProperty("data")[0].Text("b64_json")[100..160]);
        var url = (await (await CallAsync(customer, Body(more: ("response_format", "url")))).JsonAsync()).GetProperty("data")[0].Text("url");
        var token = canaries.Watch("the signed address", new Uri(url).Segments[^1]);
        await CallAsync(customer, Body(more: ("stream", true)));
        await CallAsync(customer, Body(more: ("images", new[] { new { image_url = "data:image/png;base64," + Convert.ToBase64String(InputImage()) } })), "/v1/images/edits");
        await GetAsync(customer, $"/f/{token}");

        // Bad ones, one of each kind and more.
        await CallAsync(customer, Body(more: ("size", canaries.Put("a wrong value"))));
        await CallAsync(customer, Body(more: (canaries.Put("a wrong name"), 1)));
        await CallAsync(customer, Body(more: ("prompt", "[moderated] " + canaries.Put("a refused prompt"))));
        await RawAsync(customer, "{\"prompt\":" + canaries.Put("broken JSON"));
        await RawAsync(customer, $$"""{"model":"{{canaries.Put("a wrong model")}}","prompt":"fox"}""");
        await CallAsync(Stranger("Bearer", canaries.Put("a wrong key")), Body());
        await CallAsync(Stranger("Bearer", poor.Key[..^8] + canaries.Put("a key with a tail")), Body());
        await CallAsync(Stranger("Basic", canaries.Put("other credentials")), Body());
        await CallAsync(poor.Http, Body());
        await GetAsync(customer, $"/v1/requests/{canaries.Put("an id")}");
        await GetAsync(customer, $"/v1/requests/{canaries.Put("a strange id")}%2F%27%23");
        await GetAsync(customer, $"/v1/end-users/{canaries.Put("an end user")}/limits");
        await GetAsync(customer, $"/{canaries.Put("an unknown path")}?code={canaries.Put("a query")}");
        await GetAsync(customer, $"/f/{token}x");
        await GetAsync(customer, $"/v1/usage?{canaries.Put("a wrong parameter")}=1");
        await CallAsync(customer, Body(more: ("prompt", canaries.Put("a huge prompt") + new string('x', 2 * 1024 * 1024))));
        await BusyKeyAsync(customer);
        await PaceAsync(customer);

        // The upstream fails, and says the prompt aloud; then storage, then our own code.
        await CallAsync(customer, Body(model: "gpt-image-2.5-flare", more: ("n", 1)));
        await CallAsync(customer, Body(more: ("prompt", "[reset] " + canaries.Put("an interrupted prompt"))));
        blobs.Failure = new StoreUnavailableException("down");
        await CallAsync(customer, Body());
        blobs.Failure = new InvalidOperationException("a bug");
        await CallAsync(customer, Body());
        tables.IsDown = true;
        await CallAsync(customer, Body());

        await product.DisposeAsync();
        foreach (var request in collector.Requests) canaries.Saw(request.Target, request.Body);

        int[] kinds = [200, 400, 401, 402, 404, 409, 413, 429, 500, 502, 503];
        Assert.Empty(kinds.Except(statuses.Select(status => (int)status)));
        Assert.All(new[] { CapturingLogs.Where, Errors, "/v1/traces", "/v1/metrics", "/v1/logs" }, where => Assert.NotEqual(0, canaries.SeenIn(where)));
        Assert.Contains(echo.Requests, request => request.Body.Contains("canary", StringComparison.Ordinal));

        // What was wrong is named to whoever sent it.
        Assert.Empty(canaries.Hits("a wrong name in errors", "a wrong parameter in errors", "a wrong model in errors"));

        async Task<HttpResponseMessage> CallAsync(object caller, object body, string path = "/v1/images/generations")
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body) };
            return await SendAsync(caller as HttpClient ?? ((Customer)caller).Http, request);
        }

        async Task RawAsync(Customer caller, string body)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/images/generations") { Content = new StringContent(body, Encoding.UTF8, "application/json") };
            await SendAsync(caller.Http, request);
        }

        async Task GetAsync(Customer caller, string path)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            await SendAsync(caller.Http, request);
        }

        async Task BusyKeyAsync(Customer caller)
        {
            var slow = Body(more: ("prompt", "[slow:2000] " + canaries.Put("a slow prompt")));
            var key = canaries.Put("an Idempotency-Key");
            using var first = new HttpRequestMessage(HttpMethod.Post, "/v1/images/generations") { Content = JsonContent.Create(slow), Headers = { { "Idempotency-Key", key } } };
            using var second = new HttpRequestMessage(HttpMethod.Post, "/v1/images/generations") { Content = JsonContent.Create(slow), Headers = { { "Idempotency-Key", key } } };
            await Task.WhenAll(SendAsync(caller.Http, first), SendAsync(caller.Http, second));
        }

        async Task PaceAsync(Customer caller)
        {
            using var limits = await caller.Http.PutAsJsonAsync($"/v1/end-users/{canaries.Put("a limited end user")}/limits", new { requests_per_minute = 1 }, TestContext.Current.CancellationToken);
            var endUser = new Uri(limits.RequestMessage!.RequestUri!.AbsoluteUri).Segments[^2].TrimEnd('/');
            for (var index = 0; index < 2; index++) await CallAsync(caller, Body(more: ("end_user", endUser)));
        }

        async Task<HttpResponseMessage> SendAsync(HttpClient http, HttpRequestMessage request)
        {
            var response = await http.SendAsync(request, TestContext.Current.CancellationToken);
            statuses.Add(response.StatusCode);
            if (!response.IsSuccessStatusCode) canaries.Saw(Errors, response.Headers + await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
            return response;
        }
    }

    [Fact]
    public async Task A_store_that_cannot_be_reached_does_not_tell_its_key()
    {
        var key = Convert.ToBase64String(Encoding.UTF8.GetBytes(canaries.Put("the account's key")));
        var connection = $"DefaultEndpointsProtocol=http;AccountName=someone;AccountKey={key};BlobEndpoint=http://127.0.0.1:1/someone;TableEndpoint=http://127.0.0.1:1/someone";

        var failure = await Assert.ThrowsAnyAsync<Exception>(() => Product.StartAsync(
            options => options.With(services => services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(new CapturingLogs(canaries)))),
            ("Storage:Kind", "Azure"),
            ("Storage:ConnectionString", connection)));
        canaries.Saw("the failure", failure.ToString());

        Assert.Empty(canaries.Hits());
    }

    [Theory]
    [InlineData("a log", CapturingLogs.Where, "/v1/logs")]
    [InlineData("an exception", CapturingLogs.Where, "/v1/logs")]
    [InlineData("a scope", CapturingLogs.Where)]
    [InlineData("a span", "/v1/traces")]
    [InlineData("a metric", "/v1/metrics")]
    [InlineData("base64", "/v1/traces")]
    public async Task A_leak_that_is_planted_is_found(string leak, params string[] found)
    {
        var canary = canaries.Put("planted");
        var logger = product.Local.Services.GetRequiredService<ILoggerFactory>().CreateLogger("planted");
        using var request = new Activity("a request").SetIdFormat(ActivityIdFormat.W3C).Start();
        request.ActivityTraceFlags = ActivityTraceFlags.Recorded;
        switch (leak)
        {
            case "a log": logger.LogTrace("Drew {Prompt}.", canary); break;
            case "an exception": logger.LogError(new InvalidOperationException(canary), "Failed."); break;
            case "a scope": using (logger.BeginScope(new Dictionary<string, object?> { ["prompt"] = canary })) logger.LogInformation("Drew."); break;
            case "a span": Telemetry.Source.StartActivity("draw")!.SetTag("prompt", canary).Stop(); break;
            case "a metric": Telemetry.Requests.Add(1, KeyValuePair.Create<string, object?>("prompt", canary)); break;
            default: Telemetry.Source.StartActivity("draw")!.SetTag("prompt", Convert.ToBase64String(Encoding.UTF8.GetBytes(canary))).Stop(); break;
        }

        await product.DisposeAsync();
        foreach (var sent in collector.Requests) canaries.Saw(sent.Target, sent.Body);

        Assert.Equal(found.Select(where => "planted in " + where).Order(StringComparer.Ordinal), canaries.Hits().Order(StringComparer.Ordinal));
    }

    /// <summary>An upstream that fails and repeats all that it was told, wherever there is room.</summary>
    private Task EchoAsync(HttpContext http)
    {
        http.Response.StatusCode = 500;
        http.Response.ContentType = "application/json";
        var said = echo.Requests[^1].Body + http.Request.Headers["api-key"];
        return http.Response.WriteAsync(JsonSerializer.Serialize(new { error = new { message = said, param = said, type = "server_error", code = "InternalServerError", inner_error = new { revised_prompt = said } } }));
    }

    private async Task<Customer> CustomerAsync(long micros = 5_000_000)
    {
        var customer = await product.CustomerAsync(micros);
        canaries.Watch($"the API key of an account with {micros}", customer.Key[20..]);
        var headers = customer.Http.DefaultRequestHeaders;
        headers.Add("api-key", canaries.Put("api-key"));
        headers.Add("x-api-key", canaries.Put("x-api-key"));
        headers.Add("x-functions-key", canaries.Put("x-functions-key"));
        headers.Add("baggage", "secret=" + canaries.Put("baggage"));
        headers.Add("X-Forwarded-For", canaries.Put("X-Forwarded-For"));
        headers.Add("Cookie", "session=" + canaries.Put("a cookie"));
        headers.UserAgent.Add(new ProductInfoHeaderValue(canaries.Put("User-Agent"), "1"));
        return customer;
    }

    private HttpClient Stranger(string scheme, string credentials) =>
        new() { BaseAddress = product.Local.BaseUrl, DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue(scheme, credentials) } };

    /// <summary>A generation with all that a caller may say of its own, changed in one field.</summary>
    private Dictionary<string, object> Body(string model = "gpt-image-2", params (string Name, object Value)[] more)
    {
        var body = new Dictionary<string, object>
        {
            ["model"] = model,
            ["prompt"] = canaries.Put("the prompt") + " fox",
            ["size"] = "1024x1024",
            ["quality"] = "low",
            ["end_user"] = canaries.Put("end_user"),
            ["tags"] = new Dictionary<string, string> { ["team"] = canaries.Put("a tag") },
        };
        foreach (var (name, value) in more) body[name] = value;
        return body;
    }

    /// <summary>A whole image with a text in it.</summary>
    private byte[] InputImage()
    {
        const int EndOfHeader = 33;
        var image = SampleImages.Transparent(64, 64);
        return [.. image[..EndOfHeader], .. SampleImages.PngChunk("tEXt", Encoding.ASCII.GetBytes("Comment\0" + canaries.Put("the input image"))), .. image[EndOfHeader..]];
    }

    private sealed class BrokenBlobStore : IBlobStore
    {
        private readonly InMemoryBlobStore inner = new();

        public Exception? Failure { get; set; }

        public Task<bool> PutAsync(string name, ReadOnlyMemory<byte> bytes, string contentType, string note, CancellationToken cancel) =>
            Failure is null ? inner.PutAsync(name, bytes, contentType, note, cancel) : throw Failure;

        public Task<string?> FindNoteAsync(string name, CancellationToken cancel) => inner.FindNoteAsync(name, cancel);

        public Task<BlobContent?> OpenAsync(string name, CancellationToken cancel) => inner.OpenAsync(name, cancel);

        public Task DeleteAsync(string name, CancellationToken cancel) => inner.DeleteAsync(name, cancel);
    }
}
