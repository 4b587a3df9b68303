using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using ServerlessImages.Tests.Api;

namespace ServerlessImages.Tests.Clients;

/// <summary>The whole product, and a customer with money who calls it through an npm client.</summary>
public abstract class NpmClientTest(NpmClients npm) : IAsyncLifetime
{
    private readonly BreakingNetwork network = new();
    private Product product = null!;
    private Customer customer = null!;

    private protected static Money Credit { get; } = Money.Dollars(1);

    private protected string Key => customer.Key;

    /// <summary>What a client is given as its base URL.</summary>
    private protected string V1 => At("/v1");

    private protected string At(string path) => new Uri(product.Local.BaseUrl, path).AbsoluteUri.TrimEnd('/');

    public async ValueTask InitializeAsync()
    {
        product = await Product.StartAsync(
            options => options with { Services = services => { options.Services(services); services.AddSingleton<IStartupFilter>(network); } },
            ("Generation:AdoptAfter", "00:00:00.1"));
        customer = await product.CustomerAsync(Credit.Micros);
    }

    public async ValueTask DisposeAsync()
    {
        await product.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private protected Task<ClientReport> RunAsync(string script, params string[] arguments) => npm.RunAsync(script, arguments);

    /// <summary>A small, cheap call, with what the test changes in it.</summary>
    private protected static string Call(JsonObject cheap, JsonObject changes)
    {
        foreach (var (name, value) in changes) cheap[name] = value?.DeepClone();
        return cheap.ToJsonString();
    }

    /// <summary>What <see cref="SampleEdit"/> changes in a call of the package <c>openai</c>.</summary>
    private protected static JsonObject AnEdit() => new()
    {
        ["prompt"] = SampleEdit.Prompt,
        ["size"] = "1024x1024",
        ["image"] = new JsonArray(Convert.ToBase64String(SampleEdit.First), Convert.ToBase64String(SampleEdit.Second)),
        ["mask"] = Convert.ToBase64String(SampleEdit.Mask),
    };

    /// <summary>A call that the client has to send twice, though one image is drawn.</summary>
    private protected async Task<ClientReport> WithItsConnectionBrokenAsync(Func<JsonObject, Task<ClientReport>> generate)
    {
        network.BreakOnceCalled(product.Local.Emulator);
        var seen = await generate(new() { ["prompt"] = "a patient fox [slow:1000]" });
        Assert.Equal(2, seen.Requests.Length);
        Assert.Equal(1, product.Local.Emulator.Calls);
        return seen;
    }

    private protected void AssertUpstreamHasTheEdit() => UpstreamEdit.AssertHasBothImagesAndTheMask(product);

    private protected async Task<string> KeyWithoutMoneyAsync() => (await product.CustomerAsync(micros: 0)).Key;

    /// <summary>What the customer can spend, by the API's own word: an open hold makes it less.</summary>
    private protected async Task<Money> BalanceAsync()
    {
        using var response = await customer.Http.GetAsync(new Uri("/v1/balance", UriKind.Relative), TestContext.Current.CancellationToken);
        return (await response.JsonAsync()).Money("available_usd");
    }

    /// <summary>The bytes of a request's first image, as the API keeps them.</summary>
    private protected Task<byte[]> KeptImageAsync(string requestId) =>
        customer.Http.GetByteArrayAsync(new Uri($"/v1/requests/{requestId}/content", UriKind.Relative), TestContext.Current.CancellationToken);
}
