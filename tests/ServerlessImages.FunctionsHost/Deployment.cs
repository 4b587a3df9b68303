using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using ServerlessImages.FunctionsHost.StandIn;
using ServerlessImages.Images;
using ServerlessImages.Local.AzureOpenAI;

namespace ServerlessImages.FunctionsHost;

/// <summary>The published app behind the stand-in of the Functions host, with an upstream, storage and one account.</summary>
internal sealed class Deployment : IAsyncDisposable
{
    public const string Model = "gpt-image-2";
    private readonly string storage = Directory.CreateTempSubdirectory("serverlessimages-").FullName;
    private readonly HttpClient http = new(new SocketsHttpHandler { UseProxy = false }) { DefaultRequestHeaders = { ConnectionClose = true } };
    private AzureOpenAIEmulator emulator = null!;

    private Deployment()
    {
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public Dictionary<string, string?> Settings { get; private set; } = null!;

    /// <summary>The upstream's: it waits only where a prompt says <c>[slow:1]</c>.</summary>
    public GatedTime UpstreamTime { get; } = new();

    public StandInHost Host { get; private set; } = null!;

    public string Key { get; private set; } = "";

    /// <param name="opened">How long ago the account got its credit.</param>
    /// <param name="before">Done then to the storage too.</param>
    public static async Task<Deployment> StartAsync(PublishedApp app, TimeSpan opened = default, Func<IServiceProvider, Task>? before = null)
    {
        var deployment = new Deployment();
        try
        {
            await deployment.StartPartsAsync(app, opened, before ?? (_ => Task.CompletedTask));
            return deployment;
        }
        catch
        {
            await deployment.DisposeAsync();
            throw;
        }
    }

    /// <param name="path">From the root, without a slash.</param>
    /// <param name="key">Null for nobody's.</param>
    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, HttpContent? body = null, string? key = null, Action<HttpRequestHeaders>? headers = null)
    {
        var message = new HttpRequestMessage(method, new Uri(Host.Address.AbsoluteUri + path)) { Content = body };
        if (key is not null) message.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        headers?.Invoke(message.Headers);
        return await http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, Cancel);
    }

    public Task<HttpResponseMessage> GenerateAsync(string prompt, int partialImages = 0) =>
        SendAsync(HttpMethod.Post, "v1/images/generations", JsonContent.Create(new { model = Model, prompt, size = "1024x1024", quality = "low", stream = partialImages > 0, partial_images = partialImages }), Key);

    public async Task<JsonElement> ReadAsync(string path)
    {
        using var answer = await SendAsync(HttpMethod.Get, path, key: Key);
        return await answer.JsonAsync();
    }

    /// <returns>What is available, and what is held.</returns>
    public async Task<(Money Available, Money Held)> BalanceAsync()
    {
        var balance = await ReadAsync("v1/balance");
        return (balance.Dollars("available_usd"), balance.Dollars("held_usd"));
    }

    public async Task<IReadOnlyList<string>> EntriesAsync() =>
        [.. (await ReadAsync("v1/usage/events")).GetProperty("data").EnumerateArray().Select(entry => entry.GetProperty("type").GetString()!)];

    public async ValueTask DisposeAsync()
    {
        if (Host is not null) await Host.DisposeAsync();
        if (emulator is not null) await emulator.DisposeAsync();
        http.Dispose();
        Directory.Delete(storage, recursive: true);
    }

    private async Task StartPartsAsync(PublishedApp app, TimeSpan opened, Func<IServiceProvider, Task> before)
    {
        var model = ModelCatalog.Parse(ModelCatalog.ShippedJson).Models.Single(each => each.Id == Model);
        emulator = await AzureOpenAIEmulator.StartAsync(new AzureOpenAIEmulatorOptions { Deployments = new Dictionary<string, ModelSpec> { [model.Id] = model }, Time = UpstreamTime }, Cancel);
        Settings = SettingsOf(storage, emulator.Endpoint);
        await using (var office = Office.Build(Settings, -opened))
        {
            Key = await Office.OpenAccountAsync(office.Services, Cancel);
            await before(office.Services);
        }

        Host = await StandInHost.StartAsync(app.Folder, Settings);
    }

    private static Dictionary<string, string?> SettingsOf(string storage, Uri upstream)
    {
        using var receipts = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new()
        {
            ["PublicUrl"] = "http://images.example",
            ["Keys:Peppers:1"] = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)),
            ["Receipts:SigningKeys:1"] = Convert.ToBase64String(receipts.ExportPkcs8PrivateKey()),
            ["Storage:Kind"] = "Embedded",
            ["Storage:Folder"] = storage,
            ["AzureOpenAI:Deployments:0:Name"] = "emulated",
            ["AzureOpenAI:Deployments:0:Model"] = Model,
            ["AzureOpenAI:Deployments:0:Deployment"] = Model,
            ["AzureOpenAI:Deployments:0:Endpoint"] = upstream.AbsoluteUri,
            ["AzureOpenAI:Deployments:0:ApiKey"] = "emulator",
            ["Generation:Deadline"] = "00:00:10",
            ["Generation:HoldMargin"] = "00:01:10",
        };
    }
}

internal static class AnswerExtensions
{
    public static async Task<JsonElement> JsonAsync(this HttpResponseMessage answer)
    {
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{answer.StatusCode}: {text}");
        using var json = JsonDocument.Parse(text);
        return json.RootElement.Clone();
    }

    /// <summary>The code of an error that the app has answered, or "" where it was the host or no error.</summary>
    public static async Task<string> ErrorCodeAsync(this HttpResponseMessage answer)
    {
        if (!answer.Headers.Contains("x-request-id")) return "";
        using var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        return json.RootElement.TryGetProperty("error", out var error) ? error.GetProperty("code").GetString()! : "";
    }

    public static Money Dollars(this JsonElement json, params string[] path) =>
        new((long)(decimal.Parse(path.Aggregate(json, (at, name) => at.GetProperty(name)).GetString()!, CultureInfo.InvariantCulture) * Money.MicrosPerDollar));
}
