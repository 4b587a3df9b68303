using ServerlessImages.Accounts;
using ServerlessImages.Billing;
using ServerlessImages.Images;
using ServerlessImages.Jobs;
using ServerlessImages.Keys;
using ServerlessImages.Ledger;
using ServerlessImages.Storage;

namespace ServerlessImages.Tests.Billing;

/// <summary>Closing an account pays back what was paid and not used: to the cent, once, whatever breaks in between.</summary>
public sealed class CloseAccountTests : IAsyncLifetime
{
    private BillingFixture fixture = null!;

    public async ValueTask InitializeAsync() => fixture = await BillingFixture.StartAsync();

    public ValueTask DisposeAsync() => fixture.DisposeAsync();

    [Fact]
    public async Task What_was_paid_and_not_used_goes_back_the_newest_payment_first()
    {
        await PaidAsync(20);
        await PaidAsync(10);
        await fixture.SpendAsync(new(5_004_321));

        var closed = await CloseAsync();

        Assert.Equal((true, new Money(24_990_000)), (closed.IsDone, closed.PaidBack));
        Assert.Equal([1_000, 1_499], Refunds());
        Assert.Equal(new Money(5_679), (await fixture.BalanceAsync()).Available);
        Assert.Equal(Money.Zero, (await fixture.BalanceAsync()).Debt);
    }

    [Fact]
    public async Task What_was_given_or_expires_is_not_paid_back()
    {
        await PaidAsync(20);
        await fixture.Of<AccountLedger>().GrantAsync(Sample.Partition, "op_gift", Money.Dollars(7));
        (await fixture.Of<AccountLedger>().GrantExpiringAsync(Sample.Partition, "op_promo", Money.Dollars(3), Sample.Now.AddDays(9))).Value();

        Assert.Equal(Money.Dollars(20), (await CloseAsync()).PaidBack);
        Assert.Equal([2_000], Refunds());
    }

    [Fact]
    public async Task What_was_refunded_before_is_not_refunded_again()
    {
        await PaidAsync(20);
        await fixture.Stripe.RefundAsync(Intent(), 500);
        await fixture.AnnounceAsync();

        Assert.Equal(Money.Dollars(15), (await CloseAsync()).PaidBack);
        Assert.Equal([500, 1_500], Refunds());
    }

    [Fact]
    public async Task Closing_again_also_at_once_and_after_days_pays_nothing_twice()
    {
        await PaidAsync(20);
        await Task.WhenAll(CloseAsync(), CloseAsync(), CloseAsync());
        fixture.Clock.Advance(TimeSpan.FromDays(3));
        await CloseAsync();

        Assert.Equal([2_000], Refunds());
        Assert.Equal(Money.Zero, (await fixture.BalanceAsync()).Debt);
    }

    [Fact]
    public async Task Nothing_is_spent_from_the_first_step_on_and_every_key_ends()
    {
        await PaidAsync(20);
        var (keys, list) = (fixture.Of<ApiKeyDirectory>(), fixture.Of<KeyList>());
        foreach (var id in (string[])["000000000001", "000000000002"])
        {
            var key = new ApiKey(id, fixture.Account.Id, true, "hash", 1, Scope.All, Sample.Now, null, false);
            await list.AddAsync(key, Cancel);
            await keys.AddAsync(key, Cancel);
        }

        await CloseAsync();
        var held = await fixture.Of<AccountLedger>().HoldAsync(Sample.Partition, Sample.Hold("req_1", 1) with { KeyGeneration = 99 });

        Assert.Equal("account_paused", held.Error().Code);
        Assert.All(await Task.WhenAll(keys.FindAsync("000000000001", Cancel), keys.FindAsync("000000000002", Cancel)), key => Assert.True(key!.Revoked));
        Assert.Equal(fixture.Clock.GetUtcNow(), (await fixture.Of<AccountDirectory>().FindAsync(fixture.Account.Id, Cancel))!.ClosedAt);
    }

    [Fact]
    public async Task While_a_request_runs_nothing_is_paid_back_and_the_sweep_goes_on_with_it()
    {
        await PaidAsync(20);
        var ledger = fixture.Of<AccountLedger>();
        var hold = (await ledger.HoldAsync(Sample.Partition, Sample.Hold("req_1", 1_000_000))).Value().Hold!;
        Assert.False((await CloseAsync()).IsDone);
        Assert.Empty(Refunds());

        (await ledger.SettleAsync(Sample.Partition, hold, new(400_000), hold.Hold.Close(Money.Zero))).Value();
        await fixture.Of<CloseAccount>().SweepAsync((what, cause) => Assert.Fail($"{what}: {cause}"), Cancel);

        Assert.Equal([1_960], Refunds());
    }

    [Fact]
    public async Task A_job_that_waits_is_cancelled_and_its_quote_goes_back_too()
    {
        await PaidAsync(20);
        var id = await AcceptJobAsync();

        var closed = await CloseAsync();

        Assert.Equal((true, Money.Dollars(20)), (closed.IsDone, closed.PaidBack));
        Assert.Equal([2_000], Refunds());
        var (entry, hold) = await fixture.Of<AccountLedger>().FindAsync(Sample.Partition, id, Cancel);
        Assert.Equal((EntryType.Void, CancelJob.Code), (entry!.Type, entry.Request!.ErrorCode));
        Assert.Null(hold);
        Assert.Empty(await fixture.RowsAsync("J"));
        Assert.Empty(await fixture.RowsAsync("O"));
    }

    [Fact]
    public async Task A_job_that_runs_is_finished_and_one_that_its_worker_gives_back_is_cancelled_by_the_sweep()
    {
        await PaidAsync(20);
        var (kept, given) = (await AcceptJobAsync(), await AcceptJobAsync());
        var (ledger, jobs) = (fixture.Of<AccountLedger>(), fixture.Of<JobLedger>());
        await jobs.StartAsync(Sample.Partition, kept, Sample.Plan(), TimeSpan.FromMinutes(10));
        var begun = (await jobs.StartAsync(Sample.Partition, given, Sample.Plan(), TimeSpan.FromMinutes(10))).Job!;
        Assert.False((await CloseAsync()).IsDone);

        var hold = (await ledger.FindAsync(Sample.Partition, kept, Cancel)).Hold!;
        await ledger.SettleAsync(Sample.Partition, hold, new(400_000), hold.Hold.Close(Money.Zero));
        await jobs.ReleaseAsync(Sample.Partition, begun, fixture.Clock.GetUtcNow(), counts: true, Money.Zero, "");
        Assert.Equal(0, (await fixture.BalanceAsync()).Open);
        await fixture.Of<CloseAccount>().SweepAsync((what, cause) => Assert.Fail($"{what}: {cause}"), Cancel);

        Assert.Equal([1_960], Refunds());
        Assert.Equal(Money.Zero, (await fixture.BalanceAsync()).Held);
    }

    [Fact]
    public async Task What_is_given_back_while_it_closes_is_not_left_held()
    {
        await PaidAsync(20);
        var (id, jobs) = (await AcceptJobAsync(), fixture.Of<JobLedger>());
        var begun = (await jobs.StartAsync(Sample.Partition, id, Sample.Plan(), TimeSpan.FromMinutes(10))).Job!;
        fixture.Store.AfterRead("auto_top_up", () => jobs.ReleaseAsync(Sample.Partition, begun, fixture.Clock.GetUtcNow(), counts: true, Money.Zero, ""));

        var closed = await CloseAsync();
        Assert.Equal((false, 0), (closed.IsDone, (await fixture.BalanceAsync()).Open));
        Assert.Empty(Refunds());

        await fixture.Of<CloseAccount>().SweepAsync((what, cause) => Assert.Fail($"{what}: {cause}"), Cancel);
        Assert.Equal([2_000], Refunds());
    }

    [Fact]
    public async Task Wherever_it_breaks_off_going_on_pays_back_once()
    {
        for (var writes = 0; ; writes++)
        {
            var store = new BreakingStore(new InMemoryTableStore(), new InMemoryBlobStore());
            await using var own = await BillingFixture.StartAsync(store);
            await own.CreditAsync(await own.PaidAsync(20));
            await own.SpendAsync(new(1_000_000));
            var broke = await store.BreakAsync(writes, () => own.Of<CloseAccount>().RunAsync(own.Account.Id, Cancel));

            var closed = (await own.Of<CloseAccount>().RunAsync(own.Account.Id, Cancel)).Value();

            Assert.Equal((true, Money.Dollars(19)), (closed.IsDone, closed.PaidBack));
            Assert.Equal([1_900L], own.Stripe.All("refund").Select(refund => refund["amount"]!.GetValue<long>()));
            Assert.Equal((Money.Zero, Money.Zero), ((await own.BalanceAsync()).Available, (await own.BalanceAsync()).Debt));
            if (!broke) return;
        }
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private async Task PaidAsync(int dollars)
    {
        fixture.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(GrantOutcome.Granted, await fixture.CreditAsync(await fixture.PaidAsync(dollars)));
    }

    private async Task<ClosedAccount> CloseAsync() => (await fixture.Of<CloseAccount>().RunAsync(fixture.Account.Id, Cancel)).Value();

    private async Task<string> AcceptJobAsync()
    {
        var order = await fixture.Of<JobOrders>().PutAsync(Sample.Partition, new ImageOrder(Sample.Request()), Cancel);
        var ledger = fixture.Of<AccountLedger>();
        var request = Sample.Hold(ledger.NextRequestId(), 1_000_000, lifetime: TimeSpan.FromHours(24)) with { Job = new JobClaim(order, MarkupBasisPoints: 0, Lease: null) };
        return (await ledger.HoldAsync(Sample.Partition, request)).Value().Hold!.Hold.Id;
    }

    /// <summary>In order of their size.</summary>
    private IEnumerable<long> Refunds() => fixture.Stripe.All("refund").Select(refund => refund["amount"]!.GetValue<long>()).Order();

    private string Intent() => fixture.Stripe.All("payment_intent")[0]["id"]!.GetValue<string>();
}
