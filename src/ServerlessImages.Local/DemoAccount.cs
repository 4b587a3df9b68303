using ServerlessImages.Accounts;
using ServerlessImages.Keys;
using ServerlessImages.Ledger;

namespace ServerlessImages.Local;

/// <summary>The account that everybody starts with: $5 of credit, the plan <c>standard</c>, and a key that stays the same from run to run.</summary>
internal static class DemoAccount
{
    public const string Id = "acct_demo";
    public static readonly Money Credit = Money.Dollars(5);

    /// <summary>Below this the demo gets its credit again, so that it never ends in a 402.</summary>
    private static readonly Money RefillBelow = new(100_000);

    /// <returns>The key's text.</returns>
    public static async Task<string> EnsureAsync(IServiceProvider services, LocalSecrets secrets, string folder, CancellationToken cancel)
    {
        var now = services.GetRequiredService<TimeProvider>().GetUtcNow();
        await services.GetRequiredService<AccountDirectory>().OpenAsync(new Account(Id, "Demo", "standard", now), cancel);
        await GrantAsync(services.GetRequiredService<AccountLedger>(), cancel);
        if (secrets.DemoKey is { } known && (await services.GetRequiredService<Authenticate>().RunAsync(known, cancel)).TryGet(out _, out _)) return known;

        var minted = await services.GetRequiredService<MintApiKey>().RunAsync(Id, Scope.All, cancel);
        (secrets with { DemoKey = minted.Text }).Save(folder);
        return minted.Text;
    }

    private static async Task GrantAsync(AccountLedger ledger, CancellationToken cancel)
    {
        var partition = new LedgerPartition(Id, Livemode: true);
        var balance = await ledger.BalanceAsync(partition, cancel);
        if (balance.Available >= RefillBelow) return;

        // The sequence names the grant: two starts at once grant the same one.
        await ledger.GrantAsync(partition, $"demo_{balance.Sequence}", Credit);
    }
}
