using System.Net;
using Microsoft.Extensions.DependencyInjection;
using ServerlessImages.Ledger;
using ServerlessImages.Storage;
using ServerlessImages.Tests.Api;
using ServerlessImages.Tests.Docs;

namespace ServerlessImages.Tests.Observability;

/// <summary>What an operator reads off the metrics is what happened.</summary>
[Collection(MeasuredAlone.Name)]
public sealed class MetricTests
{
    private static readonly (string Name, object Value) Model = ("model", "gpt-image-2");
    private static readonly (string Name, object Value) Deployment = ("deployment", "local-gpt-image-2");

    [Fact]
    public async Task A_delivered_image_is_one_request_one_image_its_money_and_its_tokens()
    {
        await using var product = await Product.StartAsync();
        var customer = await product.CustomerAsync();
        using var measured = new Measurements();

        using var response = await customer.GenerateAsync("a red fox");
        var charge = (await response.JsonAsync()).Money("cost", "amount_usd").Micros;
        var quote = (await response.JsonAsync()).Money("cost", "quote_usd").Micros;
        var usage = (await response.JsonAsync()).GetProperty("usage");
        await EndedAsync(measured, requests: 1);

        var request = Assert.Single(measured.Of(Telemetry.Requests));
        Assert.Equal(new Dictionary<string, object?> { ["http.route"] = "/v1/images/generations", ["http.response.status_code"] = 200, ["model"] = "gpt-image-2" }, request.Attributes);
        Assert.Equal((1, 0), (measured.Sum(Telemetry.Images, Model), measured.Sum(Telemetry.ImagesWasted)));
        Assert.Equal((quote, charge, 0), (measured.Sum(Telemetry.MoneyHeld), measured.Sum(Telemetry.MoneySettled), measured.Sum(Telemetry.MoneyVoided)));
        Assert.Equal((usage.GetProperty("input_tokens").GetDouble(), 196), (measured.Sum(Telemetry.UpstreamTokens, ("gen_ai.token.type", "input"), Deployment), measured.Sum(Telemetry.UpstreamTokens, ("gen_ai.token.type", "output"), Deployment)));
        Assert.Equal("generate_image", Assert.Single(measured.Of(Telemetry.UpstreamDuration, Deployment, ("gen_ai.provider.name", "azure.ai.openai"), ("gen_ai.request.model", "gpt-image-2"))).Attributes["gen_ai.operation.name"]);
        Assert.Single(measured.Of(Telemetry.Overhead, Model, ("http.route", "/v1/images/generations")));
        Assert.Equal(2, measured.Sum(Telemetry.StorageTransactions, ("table", "ledger"), ("operation", "commit"), ("outcome", "done")));
        Assert.Equal(1, measured.Sum(Telemetry.StorageTransactions, ("table", "images"), ("operation", "put"), ("outcome", "done")));
    }

    [Fact]
    public async Task A_replay_is_a_request_and_moves_no_money()
    {
        await using var product = await Product.StartAsync();
        var customer = await product.CustomerAsync();
        customer.Http.DefaultRequestHeaders.Add("Idempotency-Key", "same");
        using var first = await customer.GenerateAsync("a red fox");
        using var measured = new Measurements();

        using var second = await customer.GenerateAsync("a red fox");
        await EndedAsync(measured, requests: 1);

        Assert.Equal(HttpStatusCode.OK, second.StatusCode);
        Assert.Equal((0, 0, 0), (measured.Sum(Telemetry.MoneyHeld), measured.Sum(Telemetry.MoneySettled), measured.Sum(Telemetry.Images)));
        Assert.Empty(measured.Of(Telemetry.UpstreamDuration));
        Assert.Empty(measured.Of(Telemetry.Overhead));
    }

    [Fact]
    public async Task What_is_drawn_and_not_charged_is_counted_with_its_reason()
    {
        var blobs = new FlakyBlobStore();
        await using var product = await Product.StartAsync(options => options.With(services => services.AddSingleton<IBlobStore>(blobs)));
        var customer = await product.CustomerAsync();
        using var measured = new Measurements();

        using var corrupt = await customer.GenerateAsync("foxes [corrupt:3]", n: 4);
        blobs.IsDown = true;
        using var unstored = await customer.GenerateAsync("a fox");
        await EndedAsync(measured, requests: 2);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.ServiceUnavailable), (corrupt.StatusCode, unstored.StatusCode));
        Assert.Equal(1, measured.Sum(Telemetry.Images, Model));
        Assert.Equal((3, 1), (measured.Sum(Telemetry.ImagesWasted, Model, ("reason", "unusable")), measured.Sum(Telemetry.ImagesWasted, Model, ("reason", "not_stored"))));
        Assert.Equal(1, measured.Sum(Telemetry.Requests, ("http.response.status_code", 503), ("error.type", "storage_unavailable")));
    }

    [Fact]
    public async Task A_block_of_the_resource_is_told_from_other_failures_of_the_upstream()
    {
        await using var product = await Product.StartAsync();
        var customer = await product.CustomerAsync();
        using var measured = new Measurements();

        using var blocked = await customer.GenerateAsync("a fox [blocked]");
        using var busy = await customer.GenerateAsync("a fox [429]");
        await EndedAsync(measured, requests: 2);

        Assert.Equal(1, measured.Sum(Telemetry.UpstreamBlocked, Deployment, ("server.address", "127.0.0.1")));
        Assert.Equal(2, measured.Of(Telemetry.UpstreamDuration, ("error.type", "no_deployment_available")).Count());
        Assert.Equal(2, measured.Sum(Telemetry.Requests, ("error.type", "no_deployment_available"), ("http.response.status_code", 503)));
    }

    [Fact]
    public async Task An_error_within_a_stream_is_one_although_its_status_is_200()
    {
        await using var product = await Product.StartAsync();
        var customer = await product.CustomerAsync();
        using var measured = new Measurements();

        using var response = await customer.GenerateAsync(new { model = "gpt-image-2", prompt = "a fight [moderated-output]", size = "1024x1024", quality = "low", stream = true, partial_images = 1 });
        await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        await EndedAsync(measured, requests: 1);

        Assert.Equal(1, measured.Sum(Telemetry.Requests, ("error.type", "moderation_blocked"), ("http.response.status_code", 200)));
    }

    [Fact]
    public async Task Books_that_differ_are_counted_by_what_differs()
    {
        await using var product = await Product.StartAsync();
        var customer = await product.CustomerAsync();
        using var drawn = await customer.GenerateAsync("a fox");
        await DamageAsync(product, customer);
        using var measured = new Measurements();

        var day = Assert.Single(await BooksTests.CloseAsync(product.Local.Services, customer.Partition));

        Assert.NotEmpty(day.Differences);
        Assert.Equal(day.Differences.Count, measured.Sum(Telemetry.BooksDifferences));
        Assert.All(day.Differences, difference => Assert.Contains(measured.Of(Telemetry.BooksDifferences), each => difference.Code.Equals(each.Attributes["code"])));
        Assert.Equal(1, measured.Sum(Telemetry.BooksClosed));
    }

    [Fact]
    public async Task Every_attribute_is_documented_and_every_documented_one_is_measured()
    {
        var blobs = new FlakyBlobStore();
        await using var product = await Product.StartAsync(options => options.With(services => services.AddSingleton<IBlobStore>(blobs)), ("Pool:ClosedMax", "00:15:00"));
        var customer = await product.CustomerAsync();
        using var measured = new Measurements();
        using var drawn = await customer.GenerateAsync("foxes [corrupt:1]", n: 2);
        foreach (var prompt in (string[])["[moderated]", "[moderated] again", "csam"])
        {
            using var refused = await customer.GenerateAsync(prompt);
        }

        // Last: it closes all that the one resource has.
        using var failed = await customer.GenerateAsync("a fox [blocked]");
        blobs.IsDown = true;
        using var ready = await customer.Http.GetAsync(new Uri("/health/ready", UriKind.Relative), TestContext.Current.CancellationToken);
        await EndedAsync(measured, requests: 5);
        blobs.IsDown = false;
        await DamageAsync(product, customer);
        await BooksTests.CloseAsync(product.Local.Services, customer.Partition);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);

        foreach (var cells in OperatingDocTests.Metrics())
        {
            var (name, documented) = (DocFile.Bare(cells[0]), OperatingDocTests.Attributes(cells));
            var seen = measured.All.Where(each => each.Instrument == name).SelectMany(each => each.Attributes.Keys).Distinct().Order(StringComparer.Ordinal);

            Assert.Equal($"{name}: {string.Join(", ", documented.Order(StringComparer.Ordinal))}", $"{name}: {string.Join(", ", seen)}");
        }
    }

    /// <summary>Changes what an entry says was charged.</summary>
    private static async Task DamageAsync(Product product, Customer customer)
    {
        var entry = (await customer.RowsAsync("L"))[0];
        var columns = new Columns();
        foreach (var (name, value) in entry.Columns)
        {
            if (value is long number) columns.Add(name, name == nameof(LedgerEntry.Amount) ? 1 : number);
            else columns.Add(name, (string)value);
        }

        var store = product.Local.Services.GetRequiredService<ITableStore>();
        await store.CommitAsync(TableNames.Ledger, customer.Partition.Key, [RowWrite.Replace(entry.Key, columns, entry.ETag)], TestContext.Current.CancellationToken);
    }

    /// <summary>A request is counted when all of it is over, which its caller does not see.</summary>
    private static async Task EndedAsync(Measurements measured, int requests)
    {
        while (measured.Of(Telemetry.Requests).Count() < requests) await Task.Delay(5, TestContext.Current.CancellationToken);
    }

    private sealed class FlakyBlobStore : IBlobStore
    {
        private readonly InMemoryBlobStore inner = new();

        public bool IsDown { get; set; }

        public Task<bool> PutAsync(string name, ReadOnlyMemory<byte> bytes, string contentType, string note, CancellationToken cancel) => Up().PutAsync(name, bytes, contentType, note, cancel);

        public Task<string?> FindNoteAsync(string name, CancellationToken cancel) => Up().FindNoteAsync(name, cancel);

        public Task<BlobContent?> OpenAsync(string name, CancellationToken cancel) => Up().OpenAsync(name, cancel);

        public Task DeleteAsync(string name, CancellationToken cancel) => Up().DeleteAsync(name, cancel);

        private InMemoryBlobStore Up() => IsDown ? throw new StoreUnavailableException("down") : inner;
    }
}
