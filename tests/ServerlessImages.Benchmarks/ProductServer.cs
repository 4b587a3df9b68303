using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Console;
using ServerlessImages.Accounts;
using ServerlessImages.Api;
using ServerlessImages.Keys;
using ServerlessImages.Ledger;

namespace ServerlessImages.Benchmarks;

/// <summary>
/// The product, alone in a process of its own, with the settings that the benchmark hands over. What is asked about it comes in on standard input and is
/// answered on standard output, a line of JSON each; the product's log goes to standard error.
/// </summary>
internal static class ProductServer
{
    /// <summary>The command line's word for this process.</summary>
    public const string Command = "serve";

    private const string AccountId = "acct_benchmark";
    private const string PlanName = "benchmark";
    private static readonly Money Credit = Money.Dollars(1_000_000);

    /// <summary>The shipped plans, and one that no benchmark meets the limits of.</summary>
    public static string PlansJson()
    {
        var plans = JsonNode.Parse(PlanCatalog.ShippedJson)!;
        plans["plans"]!.AsArray().Add(JsonNode.Parse($$"""
            { "name": "{{PlanName}}", "markup_basis_points": 2500, "requests_per_minute": 600000, "burst": 10000, "open_requests_max": 1000, "queue_weight": 1 }
            """));
        return plans.ToJsonString();
    }

    /// <returns>When standard input ends.</returns>
    public static async Task RunAsync(string settingsFile, CancellationToken cancel)
    {
        var settings = JsonSerializer.Deserialize<Dictionary<string, string?>>(await File.ReadAllTextAsync(settingsFile, cancel))!;
        await using var app = ServerlessImagesApp.Build([], builder => Apply(builder, settings));
        await app.StartAsync(cancel);
        Console.WriteLine(await OpenAccountAsync(app.Services, cancel));
        while (await Console.In.ReadLineAsync(cancel) is not null) Console.WriteLine(JsonSerializer.Serialize(await StateAsync(app.Services, cancel)));
        await app.StopAsync(cancel);
    }

    public static void Apply(WebApplicationBuilder builder, Dictionary<string, string?> settings)
    {
        builder.Configuration.Sources.Clear();
        builder.Configuration.AddInMemoryCollection(settings);
        builder.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.WebHost.UseUrls(settings["PublicUrl"]!);
    }

    /// <returns>A key of the one account.</returns>
    public static async Task<string> OpenAccountAsync(IServiceProvider services, CancellationToken cancel)
    {
        await services.GetRequiredService<AccountDirectory>().OpenAsync(new Account(AccountId, "Benchmark", PlanName, services.GetRequiredService<TimeProvider>().GetUtcNow()), cancel);
        await services.GetRequiredService<AccountLedger>().GrantAsync(Partition, "benchmark", Credit);
        return (await services.GetRequiredService<MintApiKey>().RunAsync(AccountId, Scope.All, cancel)).Text;
    }

    private static async Task<ProductState> StateAsync(IServiceProvider services, CancellationToken cancel)
    {
        var balance = await services.GetRequiredService<AccountLedger>().BalanceAsync(Partition, cancel);
        return new ProductState(GC.GetTotalAllocatedBytes(), balance.Settled.Micros, balance.Held.Micros, balance.Open, balance.Sequence);
    }

    private static LedgerPartition Partition => new(AccountId, Livemode: true);
}

/// <summary>What the product says about itself: what it allocated since its start, and its one account's books.</summary>
/// <param name="Entries">How many entries the ledger has, the grant included.</param>
internal sealed record ProductState(long AllocatedBytes, long SettledMicros, long HeldMicros, int OpenHolds, long Entries);
