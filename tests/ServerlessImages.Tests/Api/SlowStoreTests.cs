using System.Collections.Concurrent;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ServerlessImages.Keys;
using ServerlessImages.Storage;
using ServerlessImages.Tests.Ledger;

namespace ServerlessImages.Tests.Api;

/// <summary>A store that answers late, twice or not at all: the caller hears the truth, and nobody else hears anything.</summary>
public sealed class SlowStoreTests
{
    private readonly HookedTableStore store = new(new InMemoryTableStore());

    [Fact]
    public async Task A_hold_that_comes_after_the_first_heartbeat_is_still_a_hold()
    {
        await using var product = await StartAsync(("Http:HeartbeatInterval", "00:00:01"));
        var customer = await product.CustomerAsync();
        SlowHolds(TimeSpan.FromSeconds(1.5));

        using var response = await customer.GenerateAsync(new { model = "gpt-image-2", prompt = "fox", size = "1024x1024", quality = "low", stream = true });

        Assert.Contains("event: image_generation.completed", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.NotEmpty(response.Header("x-quote-usd"));
        Assert.Equal(0, (await customer.BalanceAsync()).Open);
    }

    [Fact]
    public async Task A_plain_call_waits_for_its_hold_before_it_counts_the_time()
    {
        await using var product = await StartAsync(("Http:PlainWait", "00:00:01"));
        var customer = await product.CustomerAsync();
        SlowHolds(TimeSpan.FromSeconds(1.5));

        using var response = await customer.GenerateAsync("fox");
        using var next = await customer.Http.GetAsync(new Uri("/v1/balance", UriKind.Relative), TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("", next.Header("x-quote-usd"));
        Assert.NotEqual(response.Header("x-request-id"), next.Header("x-request-id"));
    }

    [Fact]
    public async Task A_settlement_that_may_still_be_applied_never_makes_a_client_send_again()
    {
        await using var product = await StartAsync();
        var customer = await product.CustomerAsync();
        Func<Task<CommitResult>>? late = null;
        store.OnCommit = (writes, commit) =>
        {
            if (!HookedTableStore.IsEntry(writes)) return commit();
            if (late is not null) throw new InvalidOperationException("something else than a time-out");
            late = commit;
            throw new WriteFateUnknownException("no answer");
        };

        using var response = await customer.GenerateAsync("fox");
        await response.AssertErrorAsync(HttpStatusCode.FailedDependency, "still_generating");
        await late!();

        Assert.Equal("false", response.Header("x-should-retry"));
        Assert.Equal("succeeded", (await customer.RequestAsync(response.Header("x-request-id"))).Text("status"));
    }

    [Fact]
    public async Task A_fault_after_the_first_event_is_told_in_the_stream()
    {
        await using var product = await Product.StartAsync(options => options with { Services = services => Quiet(services).AddSingleton<IBlobStore>(new UnreadableBlobStore { CannotWrite = true }) });
        var customer = await product.CustomerAsync();

        using var response = await customer.GenerateAsync(new { model = "gpt-image-2", prompt = "fox", size = "1024x1024", quality = "low", stream = true, partial_images = 1 });

        Assert.Contains("event: error\ndata: {\"type\":\"error\",\"error\":{\"message\":", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal(new Money(5_000_000), (await customer.BalanceAsync()).Available);
    }

    [Fact]
    public async Task A_fault_that_nobody_waits_for_is_logged()
    {
        var log = new ConcurrentQueue<string>();
        await using var product = await Product.StartAsync(
            options => options with { Services = services => services.AddSingleton<IBlobStore>(new UnreadableBlobStore { CannotWrite = true }).AddLogging(logging => logging.ClearProviders().AddProvider(new Lines(log))) },
            ("Http:PlainWait", "00:00:01"));
        var customer = await product.CustomerAsync();

        using var response = await customer.GenerateAsync("fox [slow:1500]");
        await customer.FinishedRequestAsync(response.Header("x-request-id"));
        while (log.IsEmpty) await Task.Delay(10, TestContext.Current.CancellationToken);

        Assert.Contains(log, line => line.Contains(response.Header("x-request-id"), StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_image_that_breaks_off_while_it_is_read_has_the_shape_of_every_error()
    {
        await using var product = await Product.StartAsync(options => options with { Services = services => Quiet(services).AddSingleton<IBlobStore>(new UnreadableBlobStore()) });
        var customer = await product.CustomerAsync();
        using var made = await customer.GenerateAsync("fox");

        using var content = await customer.Http.GetAsync(new Uri($"/v1/requests/{made.Header("x-request-id")}/content", UriKind.Relative), TestContext.Current.CancellationToken);

        await content.AssertErrorAsync(HttpStatusCode.InternalServerError, "server_error");
        Assert.Empty(content.Content.Headers.ContentDisposition?.FileName ?? "");
    }

    [Fact]
    public async Task A_key_that_may_only_draw_can_read_what_424_points_at()
    {
        await using var product = await StartAsync(("Http:PlainWait", "00:00:01"));
        var drawer = await product.CustomerAsync(scopes: Scope.ImagesGenerate);

        using var response = await drawer.GenerateAsync("fox [slow:1500]");
        using var request = await drawer.Http.GetAsync(response.Headers.Location, TestContext.Current.CancellationToken);

        Assert.Equal((HttpStatusCode.FailedDependency, HttpStatusCode.OK), (response.StatusCode, request.StatusCode));
        await drawer.FinishedRequestAsync(response.Header("x-request-id"));
    }

    private void SlowHolds(TimeSpan delay) => store.OnCommit = async (writes, commit) =>
    {
        if (HookedTableStore.IsHold(writes)) await Task.Delay(delay);
        return await commit();
    };

    private Task<Product> StartAsync(params (string Name, string Value)[] settings) =>
        Product.StartAsync(options => options with { Services = services => Quiet(services).AddSingleton<ITableStore>(store) }, settings);

    private static IServiceCollection Quiet(IServiceCollection services) => services.AddLogging(logging => logging.ClearProviders());

    /// <summary>Keeps images, and breaks when they are read, or does not even keep them.</summary>
    private sealed class UnreadableBlobStore : IBlobStore
    {
        private readonly InMemoryBlobStore inner = new();

        public bool CannotWrite { get; init; }

        public Task<bool> PutAsync(string name, ReadOnlyMemory<byte> bytes, string contentType, string note, CancellationToken cancel) =>
            CannotWrite ? throw new StoreUnavailableException("down") : inner.PutAsync(name, bytes, contentType, note, cancel);

        public Task<string?> FindNoteAsync(string name, CancellationToken cancel) => inner.FindNoteAsync(name, cancel);

        public Task<BlobContent?> OpenAsync(string name, CancellationToken cancel) => Task.FromResult<BlobContent?>(new BlobContent(new BrokenStream(), 1_000, "image/png"));

        public Task DeleteAsync(string name, CancellationToken cancel) => inner.DeleteAsync(name, cancel);
    }

    private sealed class BrokenStream : MemoryStream
    {
        public override Task CopyToAsync(Stream destination, int bufferSize, CancellationToken cancellationToken) => throw new IOException("reset");
    }

    private sealed class Lines(ConcurrentQueue<string> lines) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel)) lines.Enqueue(formatter(state, exception));
        }

        public void Dispose()
        {
        }
    }
}
