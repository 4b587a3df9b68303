using ServerlessImages.Ledger;
using ServerlessImages.Pricing;
using ServerlessImages.Revenue;
using ServerlessImages.Storage;
using ServerlessImages.Tests.Ledger;
using ServerlessImages.Usage;

namespace ServerlessImages.Tests.Revenue;

/// <summary>Some accounts with charges, failures and late charges, and what they bring, added up.</summary>
internal sealed class RevenueFixture
{
    private int requests;

    public LedgerFixture Books { get; } = new();

    public IReadOnlyList<LedgerPartition> Accounts { get; } = [new("acct_a", true), new("acct_b", true), new("acct_c", true)];

    /// <summary>Another process, over a store of its own choice.</summary>
    public AddUpRevenue Instance(ITableStore? store = null)
    {
        var limited = new StoreLimits(store ?? Books.Store);
        return new(limited, Books.Ledger, new OpenPartitions(limited, Books.Clock), new UsageRollups(limited, Books.Ledger), Books.Clock);
    }

    public ReadRevenue Read() => new(Books.Store, Instance(), new UsageRollups(Books.Store, Books.Ledger), Books.Clock);

    public Task<bool> AddUpAsync(ITableStore? store = null) => Instance(store).RunAsync(DateTimeOffset.MaxValue, TestContext.Current.CancellationToken);

    public async Task ChargeAsync(LedgerPartition account, long charge, long cost, string model = "gpt-image-2", string quality = "low", TokenUsage? tokens = null)
    {
        var hold = await HoldAsync(account, charge, model, quality);
        await Books.Ledger.SettleAsync(account, hold, new(charge), hold.Hold.Close(new(cost)) with { Images = 1, Usage = tokens });
    }

    /// <summary>A request that failed, of which the upstream wants money all the same.</summary>
    public async Task VoidAsync(LedgerPartition account, long cost, string model = "gpt-image-2")
    {
        var hold = await HoldAsync(account, 10, model, "low");
        await Books.Ledger.VoidAsync(account, hold, hold.Hold.Close(new(cost), "upstream_failed"));
    }

    public async Task LateAsync(LedgerPartition account, long charge, long cost)
    {
        var hold = await HoldAsync(account, charge, "gpt-image-2", "low");
        await Books.Ledger.ExpireAsync(account, hold);
        await Books.Ledger.SettleAsync(account, hold, new(charge), hold.Hold.Close(new(cost)) with { Images = 1 }, mayBeLate: true);
    }

    public Task GrantAsync(LedgerPartition account) => Books.Ledger.GrantAsync(account, $"grant_{++requests}", new(1_000_000_000));

    /// <summary>The same for the same seed.</summary>
    public async Task MixAsync(int seed, int count)
    {
        var random = new Random(seed);
        foreach (var account in Accounts) await GrantAsync(account);
        for (var each = 0; each < count; each++)
        {
            if (random.Next(10) == 0) Books.Clock.Advance(TimeSpan.FromHours(random.Next(1, 30)));
            var account = Accounts[random.Next(Accounts.Count)];
            var model = random.Next(2) == 0 ? "gpt-image-2" : "gpt-image-1.5";
            if (random.Next(5) == 0) await VoidAsync(account, random.Next(5_000), model);
            else if (random.Next(8) == 0) await LateAsync(account, random.Next(10_000), random.Next(9_000));
            else await ChargeAsync(account, random.Next(10_000), random.Next(9_000), model, random.Next(2) == 0 ? "low" : "high", new(random.Next(50), 0, random.Next(5_000)));
        }
    }

    /// <summary>What the entries themselves say.</summary>
    public async Task<Dictionary<RevenueKey, RevenueSums>> OfEntriesAsync()
    {
        var entries = new List<LedgerEntry>();
        foreach (var account in Accounts) entries.AddRange((await Books.Store.RangeAsync(TableNames.Ledger, account.Key, "L|", "L}", 100_000, TestContext.Current.CancellationToken)).Select(LedgerEntry.From));
        return entries.GroupBy(RevenueKey.Of).ToDictionary(group => group.Key, group => group.Select(RevenueSums.Of).Aggregate((sum, next) => sum + next));
    }

    /// <summary>What is added up.</summary>
    public async Task<Dictionary<RevenueKey, RevenueSums>> OfRollupsAsync() =>
        (await Books.Store.RangeAsync(TableNames.Usage, "revenue", "D|", "D}", 100_000, TestContext.Current.CancellationToken)).ToDictionary(row => RevenueKey.Parse(row.Key[2..]), row => RevenueSums.From(row.Columns));

    private async Task<OpenHold> HoldAsync(LedgerPartition account, long quote, string model, string quality)
    {
        var request = new HoldRequest($"req_{++requests}", new(quote), Sample.Plan(), TimeSpan.FromMinutes(10), Sample.Summary() with { Model = model, Quality = quality });
        return (await Books.Ledger.HoldAsync(account, request)).Value().Hold!;
    }
}
