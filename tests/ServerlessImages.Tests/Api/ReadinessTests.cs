using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using ServerlessImages.Api.Health;
using ServerlessImages.Api.Receipts;
using ServerlessImages.Pricing;
using ServerlessImages.Storage;
using ServerlessImages.Tests.Ledger;

namespace ServerlessImages.Tests.Api;

/// <summary>Whether the app can do its work, and if not, why: in fixed words.</summary>
public sealed class ReadinessTests
{
    [Fact]
    public async Task It_is_ready_when_all_that_it_needs_answers()
    {
        await using var product = await Product.StartAsync();

        Assert.Equal((HttpStatusCode.OK, """{"status":"ready","problems":[]}"""), await ReadyAsync(product));
    }

    [Fact]
    public async Task A_store_that_cannot_be_read_is_named_and_its_cause_is_not()
    {
        var tables = new FaultyTableStore(new InMemoryTableStore());
        await using var product = await Product.StartAsync(options => options.With(services => services.AddSingleton<ITableStore>(tables).AddSingleton<IBlobStore, SecretiveBlobStore>()));
        tables.IsDown = true;

        var (status, body) = await ReadyAsync(product);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        var problems = JsonElement.Parse(body).GetProperty("problems").EnumerateArray().Select(problem => (problem.Text("check"), problem.Text("detail")));
        Assert.Equal([.. TableNames.All.Select(table => ("tables", $"The table {table} could not be read.")), ("images", "The store of images could not be read.")], problems);
        Assert.DoesNotContain(SecretiveBlobStore.Secret, body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_deployment_of_a_model_that_is_sold_is_enough_and_none_is_not()
    {
        var models = Sample.Models.Models.Count + 1;
        var elsewhere = Enumerable.Range(0, models).Select(number => ($"AzureOpenAI:Deployments:{number}:Model", $"gpt-image-elsewhere-{number}")).ToArray();
        await using var one = await Product.StartAsync(null, elsewhere[1..]);
        await using var none = await Product.StartAsync(null, elsewhere);

        Assert.Equal(HttpStatusCode.OK, (await ReadyAsync(one)).Status);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, """{"status":"not_ready","problems":[{"check":"deployments","detail":"No model that is sold has a deployment."}]}"""), await ReadyAsync(none));
    }

    [Fact]
    public async Task Without_a_price_in_force_nothing_is_sold()
    {
        await using var product = await Product.StartAsync(options => options with { Services = services => services.AddSingleton(PriceBook.Parse("""{"prices":[]}""")) });

        Assert.Equal((HttpStatusCode.ServiceUnavailable, """{"status":"not_ready","problems":[{"check":"models","detail":"No model has a price in force."}]}"""), await ReadyAsync(product));
    }

    [Fact]
    public async Task A_receipt_that_cannot_be_signed_is_named()
    {
        await using var product = await Product.StartAsync();
        product.Local.Services.GetRequiredService<SigningKeys>().Dispose();

        Assert.Equal((HttpStatusCode.ServiceUnavailable, """{"status":"not_ready","problems":[{"check":"signing_key","detail":"Receipts could not be signed."}]}"""), await ReadyAsync(product));
    }

    [Fact]
    public async Task However_many_ask_the_stores_are_asked_once_in_five_seconds()
    {
        // A store of its own: the product's timers read theirs whenever they like.
        var tables = new FaultyTableStore(new InMemoryTableStore());
        await using var product = await Product.StartAsync();
        var clock = new FakeTimeProvider();
        var readiness = new Readiness(ActivatorUtilities.CreateInstance<ReadinessChecks>(product.Local.Services, tables), clock);

        await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => readiness.ProblemsAsync()));
        clock.Advance(Readiness.KeptFor - TimeSpan.FromMilliseconds(1));
        await readiness.ProblemsAsync();
        Assert.Equal(TableNames.All.Count, tables.Reads);

        tables.IsDown = true;
        clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(TableNames.All.Count, (await readiness.ProblemsAsync()).Count);
        Assert.Equal(2 * TableNames.All.Count, tables.Reads);
    }

    private static async Task<(HttpStatusCode Status, string Body)> ReadyAsync(Product product)
    {
        using var anyone = new HttpClient { BaseAddress = product.Local.BaseUrl };
        using var response = await anyone.GetAsync(new Uri("/health/ready", UriKind.Relative), TestContext.Current.CancellationToken);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    private sealed class SecretiveBlobStore : IBlobStore
    {
        public const string Secret = "AccountKey=c2VjcmV0";

        public Task<bool> PutAsync(string name, ReadOnlyMemory<byte> bytes, string contentType, string note, CancellationToken cancel) => throw new StoreUnavailableException(Secret);

        public Task<string?> FindNoteAsync(string name, CancellationToken cancel) => throw new StoreUnavailableException(Secret);

        public Task<BlobContent?> OpenAsync(string name, CancellationToken cancel) => throw new StoreUnavailableException(Secret);

        public Task DeleteAsync(string name, CancellationToken cancel) => throw new StoreUnavailableException(Secret);
    }
}
