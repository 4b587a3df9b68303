using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using ServerlessImages.Accounts;
using ServerlessImages.Images;
using ServerlessImages.Keys;
using ServerlessImages.Ledger;
using ServerlessImages.Local;
using ServerlessImages.Pricing;
using ServerlessImages.Storage;

namespace ServerlessImages.Browser.Seed;

/// <summary>What the demo account did in the last month, so that its pages have something to show: charges, failures, images, a test key.</summary>
internal static class UsageSeed
{
    /// <summary>With an image, a receipt and tags: a request that pages can be named by.</summary>
    public const string RequestId = "req_019ac0de000000000000000000000001";

    private const int Days = 29;
    private static readonly LedgerPartition Live = new("acct_demo", Livemode: true);

    public static async Task SowAsync(LocalProduct product, CancellationToken cancel)
    {
        var ledger = product.Services.GetRequiredService<AccountLedger>();
        await SowHistoryAsync(product);
        await ledger.GrantAsync(Live, "seed", Money.Dollars(20));
        var shop = await KeyAsync(product, Live, "Web shop", new BudgetLimits(Month: new(500_000)), cancel);
        var letters = await KeyAsync(product, Live, "Newsletter", new BudgetLimits(), cancel);
        var play = await KeyAsync(product, Live with { Livemode = false }, "Continuous tests", new BudgetLimits(), cancel);

        await DrawAsync(product, shop, "A red fox in the snow", "gpt-image-2", new { team = "shop", stage = "final" });
        await DrawAsync(product, letters, "A lighthouse at dusk", "gpt-image-1.5", new { team = "letters" });
        await DrawAsync(product, letters, "A storm [500]", "gpt-image-1.5", new { team = "letters" });
        await DrawAsync(product, play, "A paper boat", "gpt-image-2", new { team = "tests" });
        var bytes = (await DrawAsync(product, shop, "A bicycle", "gpt-image-2", new { team = "shop" }))!;
        await SowRequestAsync(product, ledger, shop, bytes);
    }

    /// <summary>Written by a ledger whose clock is a month behind and comes nearer: as it would have been.</summary>
    private static async Task SowHistoryAsync(LocalProduct product)
    {
        var (store, clock, random) = (product.Services.GetRequiredService<ITableStore>(), new MovedClock(TimeSpan.FromDays(-Days)), new Random(7));
        var ledger = new AccountLedger(store, new OpenPartitions(store, clock), clock, product.Services.GetRequiredService<IEntropy>());
        await ledger.GrantAsync(Live, "seed_history", Money.Dollars(10));
        for (var day = Days; day > 0; day--)
        {
            clock.Ahead = TimeSpan.FromDays(-day);
            for (var request = random.Next(1, 7); request > 0; request--) await SowAsync(ledger, random);
        }
    }

    private static async Task SowAsync(AccountLedger ledger, Random random)
    {
        var asked = Asked(Pick("Ab3dEf6hIj9k", "Zy7xWv4uTs1r"), Pick("gpt-image-2", "gpt-image-2", "gpt-image-1.5", "gpt-image-1-mini"), Pick("low", "medium", "high"), Pick("shop", "letters"));
        var hold = await HoldAsync(ledger, ledger.NextRequestId(), asked, new(120_000));
        if (random.Next(8) == 0) await ledger.VoidAsync(Live, hold, hold.Hold.Close(Money.Zero, "upstream_failed"));
        else await ledger.SettleAsync(Live, hold, new(random.Next(4_000, 110_000)), hold.Hold.Close(Money.Zero) with { Images = 1, Usage = new(14, 0, random.Next(190, 4_100)) });

        string Pick(params string[] words) => words[random.Next(words.Length)];
    }

    private static async Task SowRequestAsync(LocalProduct product, AccountLedger ledger, MintedKey key, byte[] bytes)
    {
        var hold = await HoldAsync(ledger, RequestId, Asked(key.Key.Id, "gpt-image-2", "low", "shop") with { EndUser = "customer-4711" }, new(7_700));
        var result = new ImageResult(TimeProvider.System.GetUtcNow(), new(1024, 1024), ImageQuality.Low, ImageBackground.Opaque, ImageFormat.Png, new TokenUsage(10, 0, 196), new(7_412), new Quote(new(7_700), hold.Hold.Request.PriceVersion), Money.Zero, "", [StoredImage.Of(bytes)]);
        await product.Services.GetRequiredService<ImageResults>().StoreAsync(Live, RequestId, result, [bytes], CancellationToken.None);
        await ledger.SettleAsync(Live, hold, result.Charge, result.Close(hold.Hold));
    }

    private static async Task<OpenHold> HoldAsync(AccountLedger ledger, string id, RequestSummary asked, Money quote)
    {
        var held = await ledger.HoldAsync(Live, new HoldRequest(id, quote, new Plan("seed", 0, 60, 100, 100, 1), TimeSpan.FromMinutes(10), asked));
        return held.TryGet(out var outcome, out var error) && outcome.Hold is { } hold ? hold : throw new InvalidOperationException(error?.Code);
    }

    private static RequestSummary Asked(string keyId, string model, string quality, string team) =>
        new("generation", keyId, model, 1, "1024x1024", quality, "png", model + "@2026-04-21", new string('f', 64), Tags: RequestSummary.TagsJson(new Dictionary<string, string> { ["team"] = team }));

    private static async Task<MintedKey> KeyAsync(LocalProduct product, LedgerPartition partition, string name, BudgetLimits limits, CancellationToken cancel) =>
        (await product.Services.GetRequiredService<CreateApiKey>().RunAsync(partition, new KeyTerms(Scope.All) { Name = name }, limits, cancel)).TryGet(out var minted, out var error) ? minted : throw new InvalidOperationException(error.Code);

    private static async Task<byte[]?> DrawAsync(LocalProduct product, MintedKey key, string prompt, string model, object tags)
    {
        using var http = new HttpClient { BaseAddress = product.BaseUrl, DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", key.Text.Text) } };
        using var response = await http.PostAsJsonAsync("/v1/images/generations", new { model, prompt, size = "1024x1024", quality = "low", tags });
        return response.IsSuccessStatusCode ? (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("data")[0].GetProperty("b64_json").GetBytesFromBase64() : null;
    }

    /// <summary>The system's time, and some more.</summary>
    private sealed class MovedClock(TimeSpan ahead) : TimeProvider
    {
        public TimeSpan Ahead { get; set; } = ahead;

        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + Ahead;
    }
}
