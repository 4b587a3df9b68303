using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ServerlessImages.Accounts;
using ServerlessImages.Api;
using ServerlessImages.Billing;
using ServerlessImages.Keys;
using ServerlessImages.Ledger;
using ServerlessImages.Storage;
using ServerlessImages.Tests;

namespace ServerlessImages.EndToEnd;

/// <summary>
/// The product once more, in the test's own process and over the same storage, for what has no endpoint: opening accounts, reading rows, and sweeping at a later
/// time. Its sweepers are the production ones, and run by their own timers; at the present time it has none, nor workers: what is to be done is left to those that are killed.
/// </summary>
internal sealed class BackOffice : IAsyncDisposable
{
    /// <summary>The id of the grant with which an account begins: nobody pays for it.</summary>
    public const string Promotion = "grant";

    /// <summary>Who has it leaves the time and the queues to the Functions host, which is not here.</summary>
    private const string FunctionsPort = "FUNCTIONS_CUSTOMHANDLER_PORT";

    private readonly WebApplication app;

    private BackOffice(WebApplication app, AheadClock clock) => (this.app, Clock) = (app, clock);

    public AheadClock Clock { get; }

    /// <param name="ahead">How far its clock is ahead of all others'.</param>
    public static async Task<BackOffice> OpenAsync(IReadOnlyDictionary<string, string?> settings, TimeSpan ahead, CancellationToken cancel)
    {
        var clock = new AheadClock { Ahead = ahead };
        var built = ServerlessImagesApp.Build([], builder =>
        {
            builder.Configuration.Sources.Clear();
            builder.Configuration.AddInMemoryCollection(settings);
            if (ahead == TimeSpan.Zero) builder.Configuration[FunctionsPort] = "0";
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            builder.Services.AddSingleton<TimeProvider>(clock);
        });
        await built.StartAsync(cancel);
        return new BackOffice(built, clock);
    }

    public async Task<Customer> OpenAccountAsync(string id, Money credit, CancellationToken cancel)
    {
        await Service<AccountDirectory>().OpenAsync(new Account(id, id, ApiSettings.Plan, Service<TimeProvider>().GetUtcNow()), cancel);
        if (credit > Money.Zero) await Service<AccountLedger>().GrantAsync(new(id, Livemode: true), Promotion, credit);
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

    /// <summary>Has done what waits at Stripe, on a clock at which it is due: looks through all that it knows, goes on with top-ups, and reports every hour that is over.</summary>
    public async Task FinishWithStripeAsync(IReadOnlyList<Customer> customers, TimeSpan timeMax, CancellationToken cancel)
    {
        await Service<SweepPayments>().RunAsync((what, cause) => throw new InvalidOperationException(what, cause), cancel);
        var startedAt = TimeProvider.System.GetTimestamp();
        while (await AnyOwesAsync(customers, cancel) && TimeProvider.System.GetElapsedTime(startedAt) < timeMax)
        {
            await Service<SendMeterEvents>().RunAsync((_, _) => { }, (partition, cause) => throw new InvalidOperationException(partition.Key, cause), cancel);
            await Task.Delay(TimeSpan.FromMilliseconds(50), cancel);
        }
    }

    public T Service<T>()
        where T : notnull => app.Services.GetRequiredService<T>();

    private async Task<bool> AnyOwesAsync(IReadOnlyList<Customer> customers, CancellationToken cancel)
    {
        foreach (var each in customers)
        {
            if ((await BalanceAsync(each.Partition, cancel)).Usage.Postpaid > Money.Zero || (await RowsAsync(each.Partition, "F", cancel)).Count > 0) return true;
        }

        return false;
    }
}

/// <summary>An account, its one key, and the money that it began with.</summary>
internal sealed record Customer(LedgerPartition Partition, string Key, Money Credit);
