using ServerlessImages.Accounts;
using ServerlessImages.Billing;
using ServerlessImages.Images;
using ServerlessImages.Jobs;
using ServerlessImages.Keys;
using ServerlessImages.Ledger;
using ServerlessImages.Members;
using ServerlessImages.Storage;
using ServerlessImages.Webhooks;

namespace ServerlessImages.Tests.Billing;

/// <summary>What is left of an account that was closed: its books, and nobody and nothing that reaches it.</summary>
public sealed class ClosedAccountTests
{
    private static readonly LedgerPartition Test = Sample.Partition with { Livemode = false };

    [Fact]
    public async Task Members_invitations_and_endpoints_end_and_images_go_while_entries_stay()
    {
        await using var fixture = await BillingFixture.StartAsync();
        await FillAsync(fixture);

        var closed = (await fixture.Of<CloseAccount>().RunAsync(fixture.Account.Id, Cancel)).Value();

        Assert.Equal((true, new Money(18_000_000)), (closed.IsDone, closed.PaidBack));
        await AssertEmptyAsync(fixture);
        Assert.Equal(3, (await fixture.EntriesAsync()).Count(entry => entry.Type is EntryType.Grant or EntryType.Settle));
        Assert.Equal(2, (await fixture.RowsAsync("D")).Count);
    }

    [Fact]
    public async Task Whoever_was_a_member_gets_a_new_account_and_no_link_leads_into_the_closed_one()
    {
        await using var fixture = await BillingFixture.StartAsync();
        var token = await FillAsync(fixture);
        var members = fixture.Of<MemberDirectory>();
        await fixture.Of<CloseAccount>().RunAsync(fixture.Account.Id, Cancel);

        Assert.Empty(await members.AccountsAsync(Owner.Id, Cancel));
        Assert.Null(await members.AddFirstAsync(fixture.Account.Id, Owner, Cancel));
        Assert.Equal("invitation_not_valid", (await fixture.Of<Invitations>().AcceptAsync(token, Developer, Cancel)).Error().Code);
    }

    [Fact]
    public async Task A_link_that_is_made_while_the_account_closes_brings_nobody_in()
    {
        await using var fixture = await BillingFixture.StartAsync();
        var late = "";
        fixture.Store.AfterWrite("acct_sample", async () => late = (await fixture.Of<Invitations>().InviteAsync(fixture.Account, MemberRole.Owner, Owner.Id, Cancel)).Value().Token);
        await fixture.Of<CloseAccount>().RunAsync(fixture.Account.Id, Cancel);
        var (_, later) = (await fixture.Of<Invitations>().InviteAsync(fixture.Account, MemberRole.Owner, Owner.Id, Cancel)).Value();

        foreach (var token in (string[])[late, later]) Assert.Equal("invitation_not_valid", (await fixture.Of<Invitations>().AcceptAsync(token, Developer, Cancel)).Error().Code);
    }

    [Fact]
    public async Task Images_stay_while_a_request_of_test_mode_is_open_and_the_sweep_goes_on()
    {
        await using var fixture = await BillingFixture.StartAsync();
        await FillAsync(fixture);
        var ledger = fixture.Of<AccountLedger>();
        var hold = (await ledger.HoldAsync(Test, Sample.Hold("req_open", 1_000))).Value().Hold!;

        var closed = (await fixture.Of<CloseAccount>().RunAsync(fixture.Account.Id, Cancel)).Value();
        await ledger.VoidAsync(Test, hold, hold.Hold.Close(Money.Zero, "upstream_failed"));
        await fixture.Of<CloseAccount>().SweepAsync((what, cause) => Assert.Fail($"{what}: {cause}"), Cancel);

        Assert.Equal((false, new Money(18_000_000)), (closed.IsDone, closed.PaidBack));
        await AssertEmptyAsync(fixture);
    }

    [Fact]
    public async Task Wherever_it_breaks_off_the_sweep_goes_on_until_all_is_done_and_paid_back_once()
    {
        for (var writes = 0; ; writes++)
        {
            var store = new BreakingStore(new InMemoryTableStore(), new InMemoryBlobStore());
            await using var fixture = await BillingFixture.StartAsync(store, blobs: store);
            await FillAsync(fixture);
            var broke = await store.BreakAsync(writes, () => fixture.Of<CloseAccount>().RunAsync(fixture.Account.Id, Cancel));

            await fixture.Of<CloseAccount>().SweepAsync((what, cause) => Assert.Fail($"{what}: {cause}"), Cancel);

            await AssertEmptyAsync(fixture);
            Assert.Equal([1_800L], fixture.Stripe.All("refund").Select(refund => refund["amount"]!.GetValue<long>()));
            if (!broke)
            {
                Assert.True(writes > 15, $"It broke off in {writes} places only.");
                return;
            }
        }
    }

    [Fact]
    public async Task Where_nothing_is_sold_an_account_is_closed_all_the_same()
    {
        await using var fixture = await BillingFixture.StartAsync();
        await FillAsync(fixture);
        var close = new CloseAccount(fixture.Of<AccountDirectory>(), fixture.Of<EndAccess>(), fixture.Of<AccountLedger>(), fixture.Of<EndWaitingJobs>(), fixture.Of<DeleteAllResults>(), fixture.Of<ITableStore>());

        var closed = (await close.RunAsync(fixture.Account.Id, Cancel)).Value();

        Assert.Equal((true, Money.Zero), (closed.IsDone, closed.PaidBack));
        await AssertEmptyAsync(fixture);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static Person Owner { get; } = new(Person.IdOf("https://id.example.com", "owner"), "owner@example.com", "Owner");

    private static Person Developer { get; } = new(Person.IdOf("https://id.example.com", "developer"), "", "Developer");

    /// <summary>$20 paid, of which two images cost one each; a test image; a key, an owner, a developer, an invitation and an endpoint.</summary>
    /// <returns>The invitation's text.</returns>
    private static async Task<string> FillAsync(BillingFixture fixture)
    {
        await fixture.CreditAsync(await fixture.PaidAsync(20));
        await fixture.Of<AccountLedger>().GrantAsync(Test, "play", Money.Dollars(1_000));
        foreach (var (partition, id) in (IEnumerable<(LedgerPartition, string)>)[(Sample.Partition, "req_a"), (Sample.Partition, "req_b"), (Test, "req_t")]) await DrawAsync(fixture, partition, id);

        var key = new ApiKey("000000000001", fixture.Account.Id, true, "hash", 1, Scope.All, Sample.Now, null, false);
        await fixture.Of<KeyList>().AddAsync(key, Cancel);
        await fixture.Of<ApiKeyDirectory>().AddAsync(key, Cancel);
        await fixture.Of<MemberDirectory>().AddFirstAsync(fixture.Account.Id, Owner, Cancel);
        var invitations = fixture.Of<Invitations>();
        var (_, used) = (await invitations.InviteAsync(fixture.Account, MemberRole.Developer, Owner.Id, Cancel)).Value();
        (await invitations.AcceptAsync(used, Developer, Cancel)).Value();
        var endpoint = new WebhookEndpoint("we_1", "https://example.com/", "", [], EndpointState.Enabled, Sample.Now, new(new SecretSeed("nonce", 1), null, DateTimeOffset.UnixEpoch), 0);
        (await fixture.Of<WebhookDirectory>().AddAsync(Sample.Partition, endpoint, Cancel)).Value();
        return (await invitations.InviteAsync(fixture.Account, MemberRole.Owner, Owner.Id, Cancel)).Value().Token;
    }

    private static async Task DrawAsync(BillingFixture fixture, LedgerPartition partition, string id)
    {
        var ledger = fixture.Of<AccountLedger>();
        var hold = (await ledger.HoldAsync(partition, Sample.Hold(id, 1_000_000))).Value().Hold!;
        var image = new byte[] { 1, 2, 3 };
        var result = new ImageResult(Sample.Now, new(1024, 1024), ImageQuality.Low, ImageBackground.Auto, ImageFormat.Png, null, new(1_000_000), new(new(1_000_000), "v"), Money.Zero, "west", [StoredImage.Of(image)]);
        await fixture.Of<ImageResults>().StoreAsync(partition, id, result, [image], Cancel);
        (await ledger.SettleAsync(partition, hold, new(1_000_000), result.Close(hold.Hold))).Value();
    }

    private static async Task AssertEmptyAsync(BillingFixture fixture)
    {
        var results = fixture.Of<ImageResults>();
        Assert.Empty(await fixture.Of<MemberDirectory>().MembersAsync(fixture.Account.Id, Cancel));
        Assert.Empty(await fixture.Of<Invitations>().ListAsync(fixture.Account.Id, Cancel));
        Assert.Empty(await fixture.Of<PendingDeliveries>().EndpointsAsync(Sample.Partition, Cancel));
        Assert.True((await fixture.Of<ApiKeyDirectory>().FindNowAsync("000000000001", Cancel))!.Revoked);
        foreach (var (partition, id) in (IEnumerable<(LedgerPartition, string)>)[(Sample.Partition, "req_a"), (Sample.Partition, "req_b"), (Test, "req_t")]) Assert.Null(await results.FindAsync(partition, id, Cancel));
        Assert.Empty(await fixture.Of<ITableStore>().RangeAsync(TableNames.Billing, "closing", "", "~", 10, Cancel));
        foreach (var person in (Person[])[Owner, Developer]) Assert.Empty(await fixture.Of<ITableStore>().RangeAsync(TableNames.Accounts, person.Id, "M|", "M}", 10, Cancel));
    }
}
