using ServerlessImages.Ledger;
using ServerlessImages.Storage;
using ServerlessImages.Tests.Ledger;

namespace ServerlessImages.Tests.Revenue;

/// <summary>Every entry is in the revenue of all accounts once, whatever fails and whoever else is at it.</summary>
public sealed class AddUpRevenueTests
{
    private readonly RevenueFixture fixture = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task It_is_what_the_entries_of_all_accounts_say_with_the_cost_of_those_that_were_not_charged(int seed)
    {
        await fixture.MixAsync(seed, 120);
        Assert.True(await fixture.AddUpAsync());
        await fixture.MixAsync(seed + 100, 120);
        Assert.True(await fixture.AddUpAsync());

        Assert.Equal(await fixture.OfEntriesAsync(), await fixture.OfRollupsAsync());
    }

    [Fact]
    public async Task A_failed_request_that_the_upstream_bills_is_a_loss()
    {
        await fixture.GrantAsync(fixture.Accounts[0]);
        await fixture.ChargeAsync(fixture.Accounts[0], charge: 10, cost: 8);
        await fixture.VoidAsync(fixture.Accounts[0], cost: 5);

        await fixture.AddUpAsync();

        var sums = Assert.Single(await fixture.OfRollupsAsync()).Value;
        Assert.Equal((1, 1, 1, new Money(10), new Money(13), new Money(-3)), (sums.Requests, sums.Uncharged, sums.Images, sums.Charged, sums.UpstreamCost, sums.Margin));
    }

    [Fact]
    public async Task Adding_up_again_writes_nothing()
    {
        await fixture.MixAsync(3, 60);
        await fixture.AddUpAsync();
        fixture.Books.Store.Table = TableNames.Usage;
        var commits = fixture.Books.Store.Commits;

        Assert.True(await fixture.AddUpAsync());

        Assert.Equal(commits, fixture.Books.Store.Commits);
    }

    [Fact]
    public async Task A_lost_answer_does_not_count_twice_and_a_lost_write_is_made_again()
    {
        await fixture.MixAsync(4, 150);
        fixture.Books.Store.Table = TableNames.Usage;
        for (var each = 0; each < 12; each++) fixture.Books.Store.NextCommits.Enqueue((Fault)(each % 3));

        Assert.True(await fixture.AddUpAsync());

        Assert.Equal(await fixture.OfEntriesAsync(), await fixture.OfRollupsAsync());
    }

    [Fact]
    public async Task Two_instances_at_once_count_each_entry_once()
    {
        await fixture.MixAsync(6, 60);
        var overtakings = 0;
        var hooked = new HookedTableStore(fixture.Books.Store)
        {
            Table = TableNames.Usage,
            // Between the reading and the writing of this one, another adds up everything, and what an account has bought just now.
            OnCommit = async (writes, commit) =>
            {
                if (writes.Any(write => write.Key.StartsWith("P|", StringComparison.Ordinal)) && overtakings++ < 3)
                {
                    await fixture.ChargeAsync(fixture.Accounts[overtakings - 1], 1_000, 900);
                    await fixture.AddUpAsync();
                }

                return await commit();
            },
        };

        Assert.True(await fixture.AddUpAsync(hooked));

        Assert.True(overtakings > 0);
        Assert.Equal(await fixture.OfEntriesAsync(), await fixture.OfRollupsAsync());
    }

    [Fact]
    public async Task A_write_that_comes_late_comes_to_nothing()
    {
        await fixture.GrantAsync(fixture.Accounts[0]);
        await fixture.ChargeAsync(fixture.Accounts[0], 10, 8);
        await new ServerlessImages.Usage.UsageRollups(fixture.Books.Store, fixture.Books.Ledger).AdvanceAsync(fixture.Accounts[0], Cancel);
        fixture.Books.Store.Table = TableNames.Usage;
        fixture.Books.Store.NextCommits.Enqueue(Fault.AppliedLate);

        await fixture.AddUpAsync();
        await fixture.ChargeAsync(fixture.Accounts[0], 20, 9);
        await fixture.AddUpAsync();
        await fixture.Books.Store.ApplyLateAsync();

        Assert.Equal(await fixture.OfEntriesAsync(), await fixture.OfRollupsAsync());
    }

    [Fact]
    public async Task Play_money_is_no_revenue()
    {
        var play = new LedgerPartition("acct_a", Livemode: false);
        await fixture.GrantAsync(play);
        await fixture.ChargeAsync(play, 10, 8);

        Assert.True(await fixture.AddUpAsync());

        Assert.Empty(await fixture.OfRollupsAsync());
    }

    [Fact]
    public async Task An_account_whose_ledger_is_broken_does_not_hide_the_others()
    {
        foreach (var account in fixture.Accounts)
        {
            await fixture.GrantAsync(account);
            await fixture.ChargeAsync(account, 10, 8);
        }

        var row = (await fixture.Books.Store.RangeAsync(TableNames.Ledger, fixture.Accounts[0].Key, "L|", "L}", 1, Cancel)).Single();
        await fixture.Books.Store.CommitAsync(TableNames.Ledger, fixture.Accounts[0].Key, [RowWrite.Delete(row.Key, row.ETag)], Cancel);

        Assert.False(await fixture.AddUpAsync());

        Assert.Equal(new Money(20), Assert.Single(await fixture.OfRollupsAsync()).Value.Charged);
    }
}
