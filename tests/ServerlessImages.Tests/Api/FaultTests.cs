using System.Net;
using Microsoft.Extensions.DependencyInjection;
using ServerlessImages.Api.Http;
using ServerlessImages.Ledger;
using ServerlessImages.Local;
using ServerlessImages.Storage;
using ServerlessImages.Tests.Ledger;

namespace ServerlessImages.Tests.Api;

/// <summary>When something of ours fails, nobody pays and nothing leaks.</summary>
public sealed class FaultTests
{
    [Fact]
    public async Task When_the_ledger_cannot_be_read_no_image_is_bought()
    {
        var store = new FaultyTableStore(new InMemoryTableStore());
        await using var product = await Product.StartAsync(Replace<ITableStore>(store));
        var customer = await product.CustomerAsync();
        store.IsDown = true;

        using var response = await customer.GenerateAsync("a red fox");

        await response.AssertErrorAsync(HttpStatusCode.ServiceUnavailable, "storage_unavailable");
        Assert.Equal(0, product.Local.Emulator.Calls);
    }

    [Fact]
    public void A_store_or_ledger_that_does_not_answer_is_not_a_fault_of_ours_to_be_looked_up()
    {
        Exception[] silent = [new StoreUnavailableException("x"), new WriteFateUnknownException("x"), new LedgerUnavailableException("x", null)];

        Assert.All(silent, cause => Assert.Equal("storage_unavailable", CallMiddleware.ErrorOf(cause).Code));
        Assert.Equal("server_error", CallMiddleware.ErrorOf(new InvalidOperationException("x")).Code);
    }

    [Fact]
    public async Task When_the_image_cannot_be_kept_it_is_not_sold()
    {
        await using var product = await Product.StartAsync(Replace<IBlobStore>(new BrokenBlobStore()));
        var customer = await product.CustomerAsync();

        using var response = await customer.GenerateAsync("a red fox");

        await response.AssertErrorAsync(HttpStatusCode.ServiceUnavailable, "storage_unavailable");
        var entry = LedgerEntry.From(Assert.Single(await customer.RowsAsync("L")));
        Assert.Equal((EntryType.Void, "server_error"), (entry.Type, entry.Request!.ErrorCode));
        Assert.InRange(entry.Request.UpstreamCost.Micros, 5_880, 6_005);
        Assert.Equal(new Money(5_000_000), (await customer.BalanceAsync()).Available);
    }

    [Fact]
    public async Task A_plain_call_that_takes_too_long_is_told_where_its_image_will_be()
    {
        await using var product = await Product.StartAsync(null, ("Http:PlainWait", "00:00:01"));
        var customer = await product.CustomerAsync();

        using var response = await customer.GenerateAsync("a slow fox [slow:1500]");
        await response.AssertErrorAsync(HttpStatusCode.FailedDependency, "still_generating");
        var id = response.Header("x-request-id");
        var request = await customer.FinishedRequestAsync(id);

        Assert.Equal(new Uri(product.Local.BaseUrl, $"/v1/requests/{id}"), response.Headers.Location);
        Assert.Equal("succeeded", request.Text("status"));
    }

    [Fact]
    public async Task While_it_runs_a_request_has_no_image_yet()
    {
        await using var product = await Product.StartAsync(null, ("Http:PlainWait", "00:00:01"));
        var customer = await product.CustomerAsync();
        using var response = await customer.GenerateAsync("a slow fox [slow:2500]");
        var id = response.Header("x-request-id");

        var request = await customer.RequestAsync(id);
        using var content = await customer.Http.GetAsync(new Uri($"/v1/requests/{id}/content", UriKind.Relative), TestContext.Current.CancellationToken);

        Assert.Equal("running", request.Text("status"));
        await content.AssertErrorAsync(HttpStatusCode.NotFound, "result_not_ready");
        await customer.FinishedRequestAsync(id);
    }

    [Theory]
    [InlineData("PublicUrl", "", "PublicUrl")]
    [InlineData("PublicUrl", "images.example.com", "PublicUrl")]
    [InlineData("PublicUrl", "https://example.com/api", "PublicUrl")]
    [InlineData("Keys:Peppers:1", "c2hvcnQ=", "Keys:Peppers:1")]
    [InlineData("Receipts:SigningKeys:1", "bm8ga2V5", "Receipts:SigningKeys:1 is no key on the curve P-256")]
    [InlineData("Receipts:SigningKeys:1", Receipts.SampleKeys.OtherCurve, "Receipts:SigningKeys:1 is no key on the curve P-256")]
    [InlineData("Receipts:SigningKeys:2", Receipts.SampleKeys.Public, "Receipts:SigningKeys:2 is the highest and signs: it has to be a private key")]
    [InlineData("Generation:Deadline", "01:00:00", "Deadline")]
    [InlineData("Http:BodyBytesMax", "1", "BodyBytesMax")]
    [InlineData("Storage:Folder", "", "Storage:Folder")]
    [InlineData("AzureOpenAI:Deployments:0:Endpoint", "http://example.com", "Endpoint")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "localhost:4317", "OTEL_EXPORTER_OTLP_ENDPOINT")]
    [InlineData("APPLICATIONINSIGHTS_CONNECTION_STRING", "https://example.com", "APPLICATIONINSIGHTS_CONNECTION_STRING")]
    [InlineData("APPLICATIONINSIGHTS_AUTHENTICATION_STRING", "ClientId=1", "APPLICATIONINSIGHTS_AUTHENTICATION_STRING")]
    public async Task A_wrong_setting_stops_the_start_and_is_named(string setting, string value, string named)
    {
        var problem = await Assert.ThrowsAnyAsync<Exception>(() => Product.StartAsync(null, (setting, value)));

        Assert.Contains(named, problem.Message, StringComparison.Ordinal);
    }

    private static Func<LocalOptions, LocalOptions> Replace<T>(T service)
        where T : class => options => options with { Services = services => services.AddSingleton(service) };

    private sealed class BrokenBlobStore : IBlobStore
    {
        public Task<bool> PutAsync(string name, ReadOnlyMemory<byte> bytes, string contentType, string note, CancellationToken cancel) => throw new StoreUnavailableException("down");

        public Task<string?> FindNoteAsync(string name, CancellationToken cancel) => throw new StoreUnavailableException("down");

        public Task<BlobContent?> OpenAsync(string name, CancellationToken cancel) => throw new StoreUnavailableException("down");

        public Task DeleteAsync(string name, CancellationToken cancel) => throw new StoreUnavailableException("down");
    }
}
