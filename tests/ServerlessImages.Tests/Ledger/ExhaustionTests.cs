using ServerlessImages.Accounts;
using ServerlessImages.Ledger;
using ServerlessImages.Tables;
using ServerlessImages.Tests.Storage;

namespace ServerlessImages.Tests.Ledger;

/// <summary>
/// Money that runs out while many spend it, on eight instances over real tables: the last image is sold, and none after it.
/// </summary>
public sealed class ExhaustionTests(AzuriteFixture azurite)
{
    private const int Instances = 8;
    private const long FlatPrice = 10_000;
    private static readonly Plan Plan = Sample.Plan(requestsPerMinute: 600_000, burst: 10_000, open: 10_000);

    [Theory]
    [InlineData(8)]
    [InlineData(32)]
    [InlineData(128)]
    public async Task Money_for_a_thousand_images_buys_exactly_a_thousand(int writers)
    {
        var fixture = await FixtureAsync();
        await fixture.GrantAsync(1_000 * FlatPrice);

        var charges = await SpendAsync(fixture, writers, "insufficient_balance", _ => FlatPrice);

        var balance = await fixture.BalanceAsync();
        Assert.Equal((1_000, new Money(1_000 * FlatPrice), Money.Zero), (charges.Count, balance.Settled, balance.Available));
        await fixture.AssertBooksAgreeAsync();
    }

    [Theory]
    [InlineData("key_budget_exceeded", "")]
    [InlineData("end_user_budget_exceeded", "anna")]
    public async Task A_budget_for_fifty_buys_exactly_fifty(string refusal, string endUser)
    {
        var fixture = await FixtureAsync();
        await fixture.GrantAsync(1_000 * FlatPrice);
        var row = endUser.Length == 0 ? LedgerRows.KeyBudget("key") : LedgerRows.EndUserBudget(endUser);
        await fixture.Ledger.SetBudgetAsync(fixture.Partition, row, new(Total: new(50 * FlatPrice)));

        var charges = await SpendAsync(fixture, writers: 32, refusal, _ => FlatPrice, endUser);

        Assert.Equal((50, new Money(50 * FlatPrice)), (charges.Count, (await fixture.BalanceAsync()).Settled));
        await fixture.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task Where_a_charge_is_less_than_its_quote_never_more_is_spent_than_there_was()
    {
        var fixture = await FixtureAsync();
        await fixture.GrantAsync(200 * FlatPrice);

        var charges = await SpendAsync(fixture, writers: 32, "insufficient_balance", number => FlatPrice - (number * 37 % 4_000));

        var balance = await fixture.BalanceAsync();
        Assert.Equal((new Money(charges.Sum()), Money.Zero), (balance.Settled, balance.Held));

        // What is left would not have paid for one more: the last refusal came when nothing was held.
        Assert.InRange(balance.Available.Micros, 0, FlatPrice - 1);
        await fixture.AssertBooksAgreeAsync();
    }

    /// <returns>What was charged, until every writer was refused once, and one that then went on alone.</returns>
    private static async Task<List<long>> SpendAsync(LedgerFixture fixture, int writers, string refusal, Func<int, long> charge, string endUser = "")
    {
        AccountLedger[] instances = [.. Enumerable.Range(0, Instances).Select(_ => fixture.Instance())];
        var charges = new List<long>();
        var requests = 0;
        await Task.WhenAll(Enumerable.Range(0, writers).Select(writer => Task.Run(() => SpendUntilRefusedAsync(instances[writer % Instances]))));

        // A hold that was open beside the refusals may have given something back.
        await SpendUntilRefusedAsync(fixture.Ledger);
        return charges;

        async Task SpendUntilRefusedAsync(AccountLedger ledger)
        {
            while (true)
            {
                var amount = new Money(charge(Interlocked.Increment(ref requests)));
                var held = await ledger.HoldAsync(fixture.Partition, Request(ledger.NextRequestId(), endUser));
                if (held.TryGet(out var outcome, out var error))
                {
                    var hold = outcome.Hold!;
                    var entry = (await ledger.SettleAsync(fixture.Partition, hold, amount, hold.Hold.Close(amount))).Value();
                    lock (charges) charges.Add(entry.Amount.Micros);
                }
                else if (error.Code != "account_too_busy")
                {
                    Assert.Equal(refusal, error.Code);
                    return;
                }
            }
        }
    }

    private static HoldRequest Request(string id, string endUser) =>
        new(id, new(FlatPrice), Plan, TimeSpan.FromMinutes(10), Sample.Summary() with { EndUser = endUser });

    private async Task<LedgerFixture> FixtureAsync()
    {
        var options = await azurite.StorageAsync();
        var store = new AzureTableStore(AzureTableClients.ForWrites(options), AzureTableClients.ForReads(options));
        return new LedgerFixture(store, TimeProvider.System, new LedgerPartition($"acct_{Guid.NewGuid():N}", Livemode: true));
    }
}
