using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ServerlessImages.Accounts;
using ServerlessImages.Api;
using ServerlessImages.Keys;
using ServerlessImages.Ledger;

namespace ServerlessImages.FunctionsHost;

/// <summary>The product once more, in the test's own process, for what has no endpoint. The embedded store is for one process: only while no handler runs.</summary>
internal static class Office
{
    public const string AccountId = "acct_functions";
    public static readonly Money Credit = Money.Dollars(5);

    public static LedgerPartition Partition { get; } = new(AccountId, Livemode: true);

    /// <param name="ahead">How far its clock is ahead of the handler's.</param>
    public static WebApplication Build(IReadOnlyDictionary<string, string?> settings, TimeSpan ahead) => ServerlessImagesApp.Build([], builder =>
    {
        builder.Configuration.Sources.Clear();
        builder.Configuration.AddInMemoryCollection(settings);
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<TimeProvider>(new AheadClock(ahead));
    });

    /// <returns>A key of an account that has its credit since then.</returns>
    public static async Task<string> OpenAccountAsync(IServiceProvider services, CancellationToken cancel)
    {
        await services.GetRequiredService<AccountDirectory>().OpenAsync(new Account(AccountId, "Functions", "standard", services.GetRequiredService<TimeProvider>().GetUtcNow()), cancel);
        await services.GetRequiredService<AccountLedger>().GrantAsync(Partition, "grant", Credit);
        return (await services.GetRequiredService<MintApiKey>().RunAsync(AccountId, Scope.All, cancel)).Text;
    }

    /// <summary>What a process leaves that dies in the middle of a request.</summary>
    public static async Task LeaveHoldAsync(IServiceProvider services, string id, Money quote)
    {
        var summary = new RequestSummary("generation", "key", "gpt-image-2", 1, "1024x1024", "low", "png", "gpt-image-2@2026-04-21", new string('f', 64));
        var plan = services.GetRequiredService<PlanCatalog>().Get("standard");
        var held = await services.GetRequiredService<AccountLedger>().HoldAsync(Partition, new HoldRequest(id, quote, plan, TimeSpan.FromMinutes(2), summary));
        if (!held.TryGet(out _, out var error)) throw new InvalidOperationException(error.Message);
    }

    private sealed class AheadClock(TimeSpan ahead) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + ahead;
    }
}
