using System.Security.Cryptography;
using Microsoft.Extensions.Time.Testing;
using ServerlessImages.Accounts;
using ServerlessImages.Deployments;
using ServerlessImages.Images;
using ServerlessImages.Jobs;
using ServerlessImages.Ledger;
using ServerlessImages.Pricing;
using ServerlessImages.Storage;

namespace ServerlessImages.Tests;

/// <summary>Builders with defaults: a test names only what it is about.</summary>
internal static class Sample
{
    public static DateTimeOffset Now { get; } = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    public static LedgerPartition Partition { get; } = new("acct_sample", Livemode: true);

    public static ModelCatalog Models { get; } = ModelCatalog.Parse(ModelCatalog.ShippedJson);

    public static PriceBook Prices { get; } = PriceBook.Parse(PriceBook.ShippedJson);

    public static ModelSpec Model(string id = "gpt-image-2") =>
        Models.Find(id).TryGet(out var model, out _) ? model : throw new ArgumentException(id, nameof(id));

    public static FairShare Share { get; } = new("acct_sample", Weight: 1);

    public static FakeTimeProvider Clock() => new(Now);

    public static Plan Plan(int requestsPerMinute = 60_000, int burst = 1_000, int open = 1_000, int markup = 2_500) => new("sample", markup, requestsPerMinute, burst, open, 1);

    public static ImageRequest Request(
        string prompt = "a red fox",
        string model = "gpt-image-2",
        int count = 1,
        string? size = "1024x1024",
        ImageQuality quality = ImageQuality.Low,
        ImageFormat format = ImageFormat.Png,
        bool stream = false,
        int partialImages = 0) => new()
        {
            Model = Model(model),
            Prompt = prompt,
            Count = count,
            Size = size is null ? null : ImageSize.TryParse(size, out var parsed) ? parsed : throw new ArgumentException(size, nameof(size)),
            Quality = quality,
            Format = format,
            Stream = stream,
            PartialImages = partialImages,
        };

    public static Delivery Delivery(TokenUsage? usage, int returned = 1, int delivered = 1, int partialImages = 0, ImageQuality quality = ImageQuality.Low) =>
        new(returned, delivered, new(1024, 1024), quality, usage, partialImages);

    public static RequestSummary Summary(string key = "key") => new("generation", key, "gpt-image-2", 1, "1024x1024", "low", "png", "gpt-image-2@2026-04-21", new string('f', 64));

    public static SweepJobs SweepJobs(AccountLedger ledger, ITableStore store, TimeProvider clock) =>
        new(new JobLedger(ledger, store), new JobOrders(store, new InMemoryBlobStore(), Models, clock, new SystemEntropy()), new InProcessWorkQueue(clock), clock);

    public static HoldRequest Hold(string id, long quote, Plan? plan = null, TimeSpan? lifetime = null) =>
        new(id, new(quote), plan ?? Plan(), lifetime ?? TimeSpan.FromMinutes(10), Summary());
}

/// <summary>Reproducible randomness.</summary>
internal sealed class SeededEntropy(int seed = 1) : IEntropy
{
    private readonly Lock gate = new();
    private readonly Random random = new(seed);

    public void Fill(Span<byte> bytes)
    {
        lock (gate) random.NextBytes(bytes);
    }
}

internal sealed class SystemEntropy : IEntropy
{
    public void Fill(Span<byte> bytes) => RandomNumberGenerator.Fill(bytes);
}

internal static class ResultExtensions
{
    public static T Value<T>(this Result<T> result)
        where T : notnull => result.TryGet(out var value, out var error) ? value : throw new InvalidOperationException($"{error.Code}: {error.Message}");

    public static ApiError Error<T>(this Result<T> result)
        where T : notnull => result.TryGet(out var value, out var error) ? throw new InvalidOperationException($"Not an error: {value}") : error;
}
