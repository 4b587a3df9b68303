using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using ServerlessImages.Accounts;
using ServerlessImages.Events;
using ServerlessImages.Keys;
using ServerlessImages.Ledger;
using ServerlessImages.Local;
using ServerlessImages.Members;
using ServerlessImages.Storage;
using ServerlessImages.Webhooks;

namespace ServerlessImages.Browser.Seed;

/// <summary>What reaches the demo account: keys in every state, endpoints with a log, members. By the product's own services, under ids that pages can be found by.</summary>
internal static class AccessSeed
{
    public const string KeyId = "WebShopKey01";

    private static readonly LedgerPartition Live = new("acct_demo", Livemode: true);

    public static string EndpointId { get; } = IdOf("shop");

    public static string DeveloperId { get; } = Person.IdOf("https://id.example.com", "developer");

    public static async Task SowAsync(LocalProduct product, CancellationToken cancel)
    {
        var services = product.Services;
        var now = services.GetRequiredService<TimeProvider>().GetUtcNow();
        await AddKeysAsync(services, now, cancel);
        await AddEndpointsAsync(services, now, cancel);

        var account = (await services.GetRequiredService<AccountDirectory>().FindAsync(Live.Account, cancel))!;
        var invitations = services.GetRequiredService<Invitations>();
        var used = await invitations.InviteAsync(account, MemberRole.Developer, "person", cancel);
        if (used.TryGet(out var made, out _)) await invitations.AcceptAsync(made.Token, new Person(DeveloperId, "vera.vixen@example.com", "Vera Vixen"), cancel);
        await invitations.InviteAsync(account, MemberRole.Billing, DeveloperId, cancel);
    }

    private static async Task AddKeysAsync(IServiceProvider services, DateTimeOffset now, CancellationToken cancel)
    {
        var (list, keys, ledger) = (services.GetRequiredService<KeyList>(), services.GetRequiredService<ApiKeyDirectory>(), services.GetRequiredService<AccountLedger>());
        ApiKey[] all =
        [
            new(KeyId, Live.Account, true, "none", 1, [Scope.ImagesGenerate, Scope.ImagesEdit, Scope.UsageRead], now, null, false) { Name = "Web shop", Models = ["gpt-image-2"], Addresses = [Range("203.0.113.0/24"), Range("198.51.100.7")] },
            new("NightJobKey1", Live.Account, true, "none", 1, [Scope.ImagesGenerate], now.AddDays(-9), now.AddDays(21), false) { Name = "Night jobs" },
            new("OldAppKey001", Live.Account, true, "none", 1, [Scope.ImagesGenerate], now.AddDays(-90), now.AddHours(-3), false) { Name = "The old app, before it was rotated", ReplacedBy = KeyId },
            new("PausedKey001", Live.Account, true, "none", 1, [Scope.UsageRead], now.AddDays(-30), null, false) { Name = "Dashboard", Disabled = true },
            new("TestKey00001", Live.Account, false, "none", 1, [Scope.ImagesGenerate], now.AddDays(-2), null, false) { Name = "Continuous integration" },
        ];
        foreach (var key in all)
        {
            await list.AddAsync(key, cancel);
            await keys.AddAsync(key, cancel);
        }

        await ledger.SetBudgetAsync(Live, LedgerRows.KeyBudget(KeyId), new BudgetLimits(Total: null, Day: Money.Dollars(2), Month: Money.Dollars(20), RequestsPerMinute: 30));
    }

    private static async Task AddEndpointsAsync(IServiceProvider services, DateTimeOffset now, CancellationToken cancel)
    {
        var (manage, directory, store) = (services.GetRequiredService<ManageWebhooks>(), services.GetRequiredService<WebhookDirectory>(), services.GetRequiredService<ITableStore>());
        await manage.AddAsync(Live, new WebhookTerms("https://shop.example.com/hooks/images", "The shop's own server", [EventTypes.BalanceLow, EventTypes.BudgetThreshold], null), "shop", cancel);
        await manage.AddAsync(Live, new WebhookTerms("https://old.example.com/hooks", null, null, null), "old", cancel);
        await directory.ChangeAsync(Live, IdOf("old"), each => each with { State = EndpointState.DisabledFailing }, cancel);

        // Their events are of long ago, as far as the log knows: none is sent again.
        DeliveryRecord[] log =
        [
            new(new EventId(3, 0), EventTypes.BudgetThreshold, now.AddMinutes(-4), DeliveryState.Pending, 2) { Problem = "timed_out", AttemptedAt = now.AddMinutes(-3), DueAt = now.AddMinutes(2) },
            new(new EventId(2, 0), EventTypes.BalanceLow, now.AddHours(-5), DeliveryState.Succeeded, 1) { Status = 204, AttemptedAt = now.AddHours(-5) },
            new(new EventId(1, 0), EventTypes.KeyCreated, now.AddDays(-3), DeliveryState.Failed, DeliverySchedule.AttemptsMax) { Status = 500, AttemptedAt = now.AddHours(-7) },
        ];
        await store.CommitAsync(TableNames.Webhooks, Live.Key, [.. log.Select(each => RowWrite.Upsert(WebhookRows.Record(EndpointId, each.Event), each.ToColumns()))], cancel);
    }

    private static AddressRange Range(string text) => AddressRange.TryParse(text, out var range) ? range : throw new ArgumentException(text, nameof(text));

    private static string IdOf(string idempotencyKey) => "we_" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(idempotencyKey)))[..32];
}
