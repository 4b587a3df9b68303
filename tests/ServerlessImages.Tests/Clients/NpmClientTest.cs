using System.Text.Json.Nodes;
using ServerlessImages.Tests.Api;

namespace ServerlessImages.Tests.Clients;

/// <summary>The whole product, and a customer with money who calls it through an npm client.</summary>
public abstract class NpmClientTest(NpmClients npm) : IAsyncLifetime
{
    private Product product = null!;
    private Customer customer = null!;

    private protected static Money Credit { get; } = Money.Dollars(1);

    private protected string Key => customer.Key;

    /// <summary>What a client is given as its base URL.</summary>
    private protected string V1 => At("/v1");

    private protected string At(string path) => new Uri(product.Local.BaseUrl, path).AbsoluteUri.TrimEnd('/');

    public async ValueTask InitializeAsync()
    {
        product = await Product.StartAsync();
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
