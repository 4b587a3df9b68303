using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ServerlessImages.Accounts;
using ServerlessImages.Api.Http;
using ServerlessImages.AzureOpenAI;
using ServerlessImages.Deployments;
using ServerlessImages.Fetch;
using ServerlessImages.Images;
using ServerlessImages.Jobs;
using ServerlessImages.Keys;
using ServerlessImages.Ledger;
using ServerlessImages.Local;
using ServerlessImages.Storage;

namespace ServerlessImages.Tests.Api;

/// <summary>The whole product behind real sockets, in a folder of its own, with the test's own models, prices and plans.</summary>
internal sealed class Product : IAsyncDisposable
{
    private readonly List<Customer> customers = [];

    /// <summary>
    /// A range of times reads its own borders when it is first used, and not safely: products that start at once, as only tests do, would fail now and then.
    /// </summary>
    static Product()
    {
        foreach (var options in (object[])[new HttpOptions(), new GenerationOptions(), new FetchOptions(), new StorageOptions(), new AzureOpenAIOptions(), new JobOptions(), new PoolOptions()])
        {
            Validator.TryValidateObject(options, new ValidationContext(options), [], validateAllProperties: true);
        }
    }
    private LocalProduct local;

    private Product(LocalProduct local) => this.local = local;

    public LocalProduct Local => local;

    public AccountLedger Ledger => local.Services.GetRequiredService<AccountLedger>();

    public static async Task<Product> StartAsync(Func<LocalOptions, LocalOptions>? change = null, params (string Name, string Value)[] settings)
    {
        var folder = Directory.CreateTempSubdirectory("serverlessimages-").FullName;
        var all = TestCatalog.Write(folder).Concat(settings.Select(each => KeyValuePair.Create(each.Name, (string?)each.Value)));
        var options = new LocalOptions { DataFolder = folder, Identity = false, Settings = new Dictionary<string, string?>(all), Services = services => services.AddLogging(logging => logging.ClearProviders()) };
        return new Product(await WarmAsync(await LocalProduct.StartAsync(change?.Invoke(options) ?? options, _ => { }, TestContext.Current.CancellationToken)));
    }

    /// <summary>A provider that answers for the first time, on a busy machine, is slower than the product waits.</summary>
    private static async Task<LocalProduct> WarmAsync(LocalProduct local)
    {
        if (local.Identity is not { } identity) return local;
        using var http = new HttpClient();
        await http.GetStringAsync(new Uri(identity.Endpoint, ".well-known/openid-configuration"), TestContext.Current.CancellationToken);
        return local;
    }

    /// <summary>An account with its money and a key with its scopes.</summary>
    public async Task<Customer> CustomerAsync(long micros = 5_000_000, string plan = "wide", params string[] scopes)
    {
        var cancel = TestContext.Current.CancellationToken;
        var id = local.Services.GetRequiredService<IEntropy>().NextId("acct_", Sample.Now);
        await local.Services.GetRequiredService<AccountDirectory>().OpenAsync(new(id, "Test", plan, Sample.Now), cancel);
        if (micros > 0) await Ledger.GrantAsync(new(id, true), "grant", new(micros));
        var key = await local.Services.GetRequiredService<MintApiKey>().RunAsync(id, scopes.Length == 0 ? Scope.All : scopes, cancel);
        var customer = new Customer(this, id, key);
        customers.Add(customer);
        return customer;
    }

    /// <summary>Stops it, and starts it again on the same folder and address with some settings more.</summary>
    public async Task RestartAsync(params (string Name, string Value)[] settings)
    {
        await local.DisposeAsync();
        var all = new Dictionary<string, string?>(local.Options.Settings);
        foreach (var (name, value) in settings) all[name] = value;
        local = await WarmAsync(await LocalProduct.StartAsync(local.Options with { Port = local.BaseUrl.Port, Settings = all }, _ => { }, TestContext.Current.CancellationToken));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var customer in customers) customer.Http.Dispose();
        await local.DisposeAsync();
        if (Directory.Exists(local.Options.DataFolder)) Directory.Delete(local.Options.DataFolder, recursive: true);
    }
}

/// <summary>A caller with a key.</summary>
internal sealed class Customer(Product product, string account, ApiKeyText key)
{
    public HttpClient Http { get; } = new() { BaseAddress = product.Local.BaseUrl, DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", key.Text) } };

    public string Key => key.Text;

    public LedgerPartition Partition => new(account, true);

    public Task<HttpResponseMessage> GenerateAsync(object body, CancellationToken? cancel = null) =>
        Http.PostAsJsonAsync("/v1/images/generations", body, cancel ?? TestContext.Current.CancellationToken);

    /// <summary>As a job.</summary>
    public async Task<HttpResponseMessage> GenerateLaterAsync(object body)
    {
        using var message = new HttpRequestMessage(HttpMethod.Post, "/v1/images/generations") { Content = JsonContent.Create(body), Headers = { { "Prefer", "respond-async" } } };
        return await Http.SendAsync(message, TestContext.Current.CancellationToken);
    }

    /// <summary>The cheapest image there is, with words that steer the emulator.</summary>
    public Task<HttpResponseMessage> GenerateAsync(string prompt, int n = 1) =>
        GenerateAsync(new { model = "gpt-image-2", prompt, n, size = "1024x1024", quality = "low" });

    public Task<Balance> BalanceAsync() => product.Ledger.BalanceAsync(Partition, TestContext.Current.CancellationToken);

    public Task<IReadOnlyList<Row>> RowsAsync(string prefix) =>
        product.Local.Services.GetRequiredService<ITableStore>().RangeAsync(TableNames.Ledger, Partition.Key, prefix + "|", prefix + "}", 1_000, TestContext.Current.CancellationToken);

    public async Task<JsonElement> RequestAsync(string id)
    {
        using var response = await Http.GetAsync(new Uri($"/v1/requests/{id}", UriKind.Relative), TestContext.Current.CancellationToken);
        return await response.JsonAsync();
    }

    /// <summary>Waits for the end of a request that goes on by itself.</summary>
    public async Task<JsonElement> FinishedRequestAsync(string id)
    {
        while (true)
        {
            var request = await RequestAsync(id);
            if (request.Text("status") is not ("queued" or "running")) return request;
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }
}

internal static class LocalOptionsExtensions
{
    /// <summary>With some services more, or others.</summary>
    public static LocalOptions With(this LocalOptions options, Action<IServiceCollection> more) => options with
    {
        Services = services =>
        {
            options.Services(services);
            more(services);
        },
    };
}

internal static class AnswerExtensions
{
    public static async Task<JsonElement> JsonAsync(this HttpResponseMessage response)
    {
        using var document = JsonDocument.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        return document.RootElement.Clone();
    }

    public static string Text(this JsonElement json, params string[] path) => path.Aggregate(json, (at, name) => at.GetProperty(name)).GetString()!;

    public static Money Money(this JsonElement json, params string[] path) =>
        new((long)(decimal.Parse(json.Text(path), CultureInfo.InvariantCulture) * ServerlessImages.Money.MicrosPerDollar));

    public static string Header(this HttpResponseMessage response, string name) => response.Headers.TryGetValues(name, out var values) ? values.Single() : "";

    public static async Task<JsonElement> AssertErrorAsync(this HttpResponseMessage response, HttpStatusCode status, string code)
    {
        var json = await response.JsonAsync();
        Assert.Equal((status, code), (response.StatusCode, json.Text("error", "code")));
        Assert.Equal(response.Header("x-request-id"), json.Text("request_id"));
        return json.GetProperty("error");
    }
}
