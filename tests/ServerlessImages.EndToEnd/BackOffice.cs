using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ServerlessImages.Accounts;
using ServerlessImages.Api;
using ServerlessImages.Keys;
using ServerlessImages.Ledger;
using ServerlessImages.Storage;

namespace ServerlessImages.EndToEnd;

/// <summary>
/// The product once more, in the test's own process and over the same storage, for what has no endpoint: opening accounts, reading rows, and sweeping at a later
/// time. Its sweeper is the production one, and runs by its own timer.
/// </summary>
internal sealed class BackOffice : IAsyncDisposable
{
    private readonly WebApplication app;

    private BackOffice(WebApplication app) => this.app = app;

    /// <param name="ahead">How far its clock is ahead of all others'.</param>
    public static async Task<BackOffice> OpenAsync(IReadOnlyDictionary<string, string?> settings, TimeSpan ahead, CancellationToken cancel)
    {
        var built = ServerlessImagesApp.Build([], builder =>
        {
            builder.Configuration.Sources.Clear();
            builder.Configuration.AddInMemoryCollection(settings);
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            builder.Services.AddSingleton<TimeProvider>(new AheadClock(ahead));
        });
        await built.StartAsync(cancel);
        return new BackOffice(built);
    }

    public async Task<Customer> OpenAccountAsync(string id, Money credit, CancellationToken cancel)
    {
        await Service<AccountDirectory>().OpenAsync(new Account(id, id, ApiSettings.Plan, Service<TimeProvider>().GetUtcNow()), cancel);
        await Service<AccountLedger>().GrantAsync(new(id, Livemode: true), "grant", credit);
        return new Customer(new(id, Livemode: true), (await Service<MintApiKey>().RunAsync(id, Scope.All, cancel)).Text, credit);
    }

    public Task<Balance> BalanceAsync(LedgerPartition partition, CancellationToken cancel) => Service<AccountLedger>().BalanceAsync(partition, cancel);

    public async Task<IReadOnlyList<Row>> RowsAsync(LedgerPartition partition, string prefix, CancellationToken cancel)
    {
        const int PageSize = 500;
        var rows = new List<Row>();
        var from = prefix + "|";
        while (true)
        {
            var page = await Service<ITableStore>().RangeAsync(TableNames.Ledger, partition.Key, from, prefix + "}", PageSize, cancel);
            rows.AddRange(page);
            if (page.Count < PageSize) return rows;
            from = page[^1].Key + "!";
        }
    }

    public async ValueTask DisposeAsync()
    {
        await app.StopAsync();
        await app.DisposeAsync();
    }

    private T Service<T>()
        where T : notnull => app.Services.GetRequiredService<T>();

    private sealed class AheadClock(TimeSpan ahead) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + ahead;
    }
}

/// <summary>An account, its one key, and the money that it began with.</summary>
internal sealed record Customer(LedgerPartition Partition, string Key, Money Credit);
