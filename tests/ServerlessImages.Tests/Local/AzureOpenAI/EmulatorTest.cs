using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Text;
using System.Text.Json.Nodes;
using ServerlessImages.Drawn;
using ServerlessImages.Images;
using ServerlessImages.Local.AzureOpenAI;

namespace ServerlessImages.Tests.Local.AzureOpenAI;

/// <summary>An emulator with one deployment, <c>img2</c>, and a plain HTTP client in front of it.</summary>
public abstract class EmulatorTest : IAsyncLifetime
{
    protected const string Generations = "openai/v1/images/generations";
    protected const string Edits = "openai/v1/images/edits";

    private AzureOpenAIEmulator? emulator;

    protected AzureOpenAIEmulator Emulator => emulator!;
    protected HttpClient Http { get; } = new() { DefaultRequestHeaders = { { "api-key", "any" } } };
    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    protected virtual AzureOpenAIEmulatorOptions Options => new() { Deployments = Deployments };

    protected static Dictionary<string, ModelSpec> Deployments { get; } = new() { ["img2"] = AModel() };

    public async ValueTask InitializeAsync()
    {
        emulator = await AzureOpenAIEmulator.StartAsync(Options, Cancel);
        Http.BaseAddress = emulator.Endpoint;
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await Emulator.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>gpt-image-2, and small sizes too: small pictures are drawn fast.</summary>
    protected static ModelSpec AModel() => new()
    {
        Id = "gpt-image-2",
        Created = new(2026, 4, 21),
        Qualities = [ImageQuality.Low, ImageQuality.Medium, ImageQuality.High],
        Formats = [ImageFormat.Png, ImageFormat.Jpeg],
        Backgrounds = [ImageBackground.Opaque, ImageBackground.Transparent],
        AnySize = new(MultipleOf: 16, RatioMax: 3, EdgeMax: 3_840, PixelsMin: 256, PixelsMax: 8_294_400),
        OutputTokens = new OutputTokens.Grid(new Dictionary<ImageQuality, int> { [ImageQuality.Low] = 16, [ImageQuality.Medium] = 48, [ImageQuality.High] = 96 }),
        ExpectedTime = new Dictionary<ImageQuality, TimeSpan>(),
    };

    protected static JsonObject ABody(string prompt = "a fox", string size = "64x64") => new() { ["model"] = "img2", ["prompt"] = prompt, ["size"] = size, ["quality"] = "low" };

    protected static byte[] APicture(int width = 64, int height = 64, ImageFormat format = ImageFormat.Png) => new Painter().Paint(new() { Prompt = "input", Size = new(width, height), Format = format }).ToArray();

    protected Task<HttpResponseMessage> PostAsync(string path, JsonObject body) => Http.PostAsync(new Uri(path, UriKind.Relative), JsonContent.Create(body), Cancel);

    protected Task<HttpResponseMessage> PostFormAsync(string path, MultipartFormDataContent form) => Http.PostAsync(new Uri(path, UriKind.Relative), form, Cancel);

    protected static async Task<JsonObject> JsonAsync(HttpResponseMessage response) => JsonNode.Parse(await response.Content.ReadAsStringAsync(Cancel))!.AsObject();

    /// <summary>Status, code and message, which is what a client sees first.</summary>
    protected async Task<(int Status, string? Code, string? Message)> ErrorOfAsync(string path, JsonObject body)
    {
        using var response = await PostAsync(path, body);
        var error = (await JsonAsync(response))["error"];
        return ((int)response.StatusCode, (string?)error?["code"], (string?)error?["message"]);
    }

    protected async Task<(int Status, string? Code)> RefusalOfAsync(string path, JsonObject body)
    {
        var (status, code, _) = await ErrorOfAsync(path, body);
        return (status, code);
    }

    protected async Task<List<(string Name, JsonObject Data)>> EventsOfAsync(string path, JsonObject body)
    {
        body["stream"] = true;
        using var response = await PostAsync(path, body);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        var text = await response.Content.ReadAsStringAsync(Cancel);
        using var bytes = new MemoryStream(Encoding.UTF8.GetBytes(text));
        return [.. SseParser.Create(bytes).Enumerate().Select(item => (item.EventType, JsonNode.Parse(item.Data)!.AsObject()))];
    }

    protected static ByteArrayContent AFile(byte[] bytes) => new(bytes) { Headers = { ContentType = new MediaTypeHeaderValue("image/png") } };

    protected static byte[] ImageOf(JsonNode? item) => Convert.FromBase64String((string)item!["b64_json"]!);
}
