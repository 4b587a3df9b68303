using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using ServerlessImages.Accounts;
using ServerlessImages.Books;
using ServerlessImages.Events;
using ServerlessImages.Images;
using ServerlessImages.Keys;
using ServerlessImages.Ledger;
using ServerlessImages.Local;
using ServerlessImages.Operators;
using ServerlessImages.Pricing;
using ServerlessImages.Storage;
using ServerlessImages.Webhooks;

namespace ServerlessImages.Browser.Seed;

/// <summary>What an operator finds: customers large and small, one that is frozen, one whose prompts are refused, money of a month, open holds, a price to come, and what was done about all that.</summary>
internal static class DeskSeed
{
    /// <summary>Draws most, with two models.</summary>
    public const string LargeAccount = "acct_lynx";

    private const string FrozenAccount = "acct_moth";
    private const string StruckAccount = "acct_crow";
    private const int Days = 29;
    private const int RefusedCalls = 4;
    private static readonly OperatorIdentity Ada = new("person_ada", "ada@example.com");

    public static async Task SowAsync(LocalProduct product, CancellationToken cancel)
    {
        var desk = product.Services.GetRequiredService<AccountDesk>();
        var large = await OpenAsync(product, LargeAccount, "Lynx Greeting Cards", "trusted", cancel);
        var small = await OpenAsync(product, "acct_wren", "Wren & Daughters", "standard", cancel);
        var frozen = await OpenAsync(product, FrozenAccount, "Moth Pictures", "standard", cancel);
        await SowHistoryAsync(product, large, 5, cancel);
        await SowHistoryAsync(product, small, 1, cancel);
        await SowHistoryAsync(product, frozen, 2, cancel);

        await product.Services.GetRequiredService<OperatorDesk>().GrantAsync(Ada, small, new(Money.Dollars(5), "Lost an afternoon to our outage", null), "seed", cancel);
        await desk.FreezeAsync(Ada, frozen, isFrozen: true, "The card was reported stolen", cancel);
        await desk.ChangePlanAsync(Ada, small, "trusted", "Pays in time", cancel);
        await AddPriceAsync(product, cancel);
        await RefuseAsync(product, await OpenAsync(product, StruckAccount, "Crow Media", "standard", cancel), cancel);
        await FailToTellAsync(product, large, cancel);
        await HoldAsync(product, large);
        await product.Services.GetRequiredService<CloseBooks>().RunAsync((_, _) => { }, _ => { }, (partition, cause) => throw new InvalidOperationException(partition.Key, cause), cancel);
    }

    private static Task<Account> OpenAsync(LocalProduct product, string id, string name, string plan, CancellationToken cancel) =>
        product.Services.GetRequiredService<AccountDirectory>().OpenAsync(new Account(id, name, plan, TimeProvider.System.GetUtcNow().AddDays(-Days)), cancel);

    /// <summary>Written by a ledger whose clock is a month behind and comes nearer: as it would have been.</summary>
    private static async Task SowHistoryAsync(LocalProduct product, Account account, int perDay, CancellationToken cancel)
    {
        var (store, clock, random) = (product.Services.GetRequiredService<ITableStore>(), new MovedClock { Ahead = TimeSpan.FromDays(-Days) }, new Random(perDay));
        var (ledger, partition) = (new AccountLedger(store, new OpenPartitions(store, clock), clock, product.Services.GetRequiredService<IEntropy>()), new LedgerPartition(account.Id, Livemode: true));
        await ledger.GrantAsync(partition, "seed_history", Money.Dollars(40));
        for (var day = Days; day > 0; day--)
        {
            clock.Ahead = TimeSpan.FromDays(-day);
            for (var request = random.Next(1, perDay + 2); request > 0; request--) await SowAsync(ledger, partition, random);
        }

        var key = await KeyAsync(product, account, cancel);
        await BuyAsync(product, key, cancel);
        using var drawn = await DrawAsync(product, key, "A lighthouse at dusk");
        using var failed = await DrawAsync(product, key, "A storm [500]");
    }

    private static async Task SowAsync(AccountLedger ledger, LedgerPartition partition, Random random)
    {
        var model = random.Next(3) == 0 ? "gpt-image-1.5" : "gpt-image-2";
        var hold = await HoldAsync(ledger, partition, model);
        var cost = random.Next(4_000, 90_000);
        if (random.Next(9) == 0) await ledger.VoidAsync(partition, hold, hold.Hold.Close(new(cost / 4), "upstream_failed"));
        else await ledger.SettleAsync(partition, hold, new(cost + (cost * 15 / 100)), hold.Hold.Close(new(cost)) with { Images = 1, Usage = new(14, 0, cost / 30), Deployment = "local-" + model });
    }

    private static async Task<OpenHold> HoldAsync(AccountLedger ledger, LedgerPartition partition, string model)
    {
        var asked = new RequestSummary("generation", "Ab3dEf6hIj9k", model, 1, "1024x1024", "medium", "png", model + "@2026-04-21", new string('f', 64));
        var held = await ledger.HoldAsync(partition, new HoldRequest(ledger.NextRequestId(), new(140_000), new Plan("seed", 0, 60, 100, 100, 1), TimeSpan.FromHours(1), asked));
        return held.TryGet(out var outcome, out var error) && outcome.Hold is { } hold ? hold : throw new InvalidOperationException(error?.Code);
    }

    /// <summary>In flight for as long as pages are looked at.</summary>
    private static async Task HoldAsync(LocalProduct product, Account account)
    {
        for (var hold = 0; hold < 3; hold++) await HoldAsync(product.Services.GetRequiredService<AccountLedger>(), new LedgerPartition(account.Id, Livemode: true), "gpt-image-2");
    }

    private static async Task AddPriceAsync(LocalProduct product, CancellationToken cancel)
    {
        var desk = product.Services.GetRequiredService<PriceDesk>();
        var model = product.Services.GetRequiredService<ModelCatalog>().Models.First(each => each.Id == "gpt-image-1-mini");
        var cost = new TokenTariff(new(new(1_750_000)), new(new(2_250_000)), new(new(7_500_000)));
        var added = await desk.AddAsync(Ada, new(model, desk.FirstDay.AddDays(6), "https://azure.microsoft.com/pricing/details/cognitive-services/openai-service/", cost, null), "The upstream is cheaper from next week on", cancel);
        if (!added.TryGet(out _, out var error)) throw new InvalidOperationException(error.Code);
    }

    private static async Task RefuseAsync(LocalProduct product, Account account, CancellationToken cancel)
    {
        await product.Services.GetRequiredService<AccountLedger>().GrantAsync(new(account.Id, Livemode: true), "seed", Money.Dollars(2));
        var key = await KeyAsync(product, account, cancel);
        for (var call = 0; call < RefusedCalls; call++) (await DrawAsync(product, key, "[moderated] " + call)).Dispose();
    }

    /// <summary>An endpoint where nobody listens.</summary>
    private static async Task FailToTellAsync(LocalProduct product, Account account, CancellationToken cancel)
    {
        var partition = new LedgerPartition(account.Id, Livemode: true);
        await product.Services.GetRequiredService<ManageWebhooks>().AddAsync(partition, new WebhookTerms("http://127.0.0.1:9/hook", null, [], null), null, cancel);
        await product.Services.GetRequiredService<AccountLedger>().AnnounceAsync(partition, new EventFact(EventTypes.KeyCreated, JsonSerializer.SerializeToElement(new { key_id = "Ab3dEf6hIj9k" })));
    }

    private static async Task<ApiKeyText> KeyAsync(LocalProduct product, Account account, CancellationToken cancel) =>
        (await product.Services.GetRequiredService<CreateApiKey>().RunAsync(new(account.Id, Livemode: true), new KeyTerms(Scope.All) { Name = "Production" }, new BudgetLimits(), cancel)).TryGet(out var minted, out var error) ? minted.Text : throw new InvalidOperationException(error.Code);

    private static async Task BuyAsync(LocalProduct product, ApiKeyText key, CancellationToken cancel)
    {
        using var http = As(product, key);
        using var opened = await http.PostAsJsonAsync("/v1/billing/checkout", new { amount_usd = "10" }, cancel);
        await Journey.PayAsync(opened, cancel);
    }

    private static async Task<HttpResponseMessage> DrawAsync(LocalProduct product, ApiKeyText key, string prompt)
    {
        using var http = As(product, key);
        return await http.PostAsJsonAsync("/v1/images/generations", new { model = "gpt-image-2", prompt, size = "1024x1024", quality = "low" });
    }

    private static HttpClient As(LocalProduct product, ApiKeyText key) => new() { BaseAddress = product.BaseUrl, DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", key.Text) } };

    /// <summary>The system's time, and some more.</summary>
    private sealed class MovedClock : TimeProvider
    {
        public TimeSpan Ahead { get; set; }

        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + Ahead;
    }
}
