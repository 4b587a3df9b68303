using ServerlessImages.Keys;
using ServerlessImages.Ledger;
using ServerlessImages.Tests.Ledger;

namespace ServerlessImages.Tests.Keys;

/// <summary>A revoked key stops spending at once, on instances that remember it as good.</summary>
public sealed class RevocationTests
{
    private readonly LedgerFixture fixture = new();

    [Fact]
    public async Task No_hold_is_made_for_a_key_that_was_read_before_it_was_revoked()
    {
        await fixture.GrantAsync(100);
        var (here, there) = (await DirectoryAsync("key"), Directory());
        await there.FindAsync("key", TestContext.Current.CancellationToken);
        var other = fixture.Instance();
        await other.HoldAsync(Sample.Partition, Sample.Hold("req_1", 1));

        Assert.True(await Revoke(here).RunAsync(Sample.Partition, "key", TestContext.Current.CancellationToken));
        var asked = (await other.HoldAsync(Sample.Partition, Sample.Hold("req_2", 1) with { KeyGeneration = there.GenerationOf("key") })).Value();

        Assert.Equal((null, 1L), (asked.Hold, asked.NewerKeyGeneration));
        Assert.False(await there.IsGoodAtAsync("key", 1, TestContext.Current.CancellationToken));
        Assert.Equal(0, there.GenerationOf("key"));
        await fixture.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task Another_key_of_the_account_is_read_once_more_and_goes_on()
    {
        await fixture.GrantAsync(100);
        var keys = await DirectoryAsync("key", "revoked");
        await Revoke(keys).RunAsync(Sample.Partition, "revoked", TestContext.Current.CancellationToken);

        Assert.True(await keys.IsGoodAtAsync("key", 1, TestContext.Current.CancellationToken));
        var held = await fixture.Ledger.HoldAsync(Sample.Partition, Sample.Hold("req_1", 1) with { KeyGeneration = keys.GenerationOf("key") });
        Assert.NotNull(held.Value().Hold);
    }

    [Fact]
    public async Task Another_accounts_key_cannot_be_revoked()
    {
        var keys = await DirectoryAsync("key");

        Assert.False(await Revoke(keys).RunAsync(new("acct_other", true), "key", TestContext.Current.CancellationToken));
        Assert.False((await keys.FindAsync("key", TestContext.Current.CancellationToken))!.Revoked);
        Assert.Equal(Balance.Empty, await fixture.BalanceAsync());
    }

    private RevokeApiKey Revoke(ApiKeyDirectory keys) => new(keys, new(fixture.Store, keys), fixture.Ledger);

    private ApiKeyDirectory Directory() => new(fixture.Store, fixture.Clock);

    private async Task<ApiKeyDirectory> DirectoryAsync(params string[] ids)
    {
        var keys = Directory();
        foreach (var id in ids) await keys.AddAsync(new(id, Sample.Partition.Account, true, "hash", 1, Scope.All, Sample.Now, null, false), TestContext.Current.CancellationToken);
        return keys;
    }
}
