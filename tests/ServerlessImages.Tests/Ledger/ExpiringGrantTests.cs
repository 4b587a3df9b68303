using ServerlessImages.Books;
using ServerlessImages.Images;
using ServerlessImages.Ledger;
using ServerlessImages.Storage;

namespace ServerlessImages.Tests.Ledger;

/// <summary>Credit with a last day: spent first, expired once, and never at the cost of credit that was paid.</summary>
public sealed class ExpiringGrantTests
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private readonly LedgerFixture fixture = new();

    [Fact]
    public async Task A_promotional_grant_is_spent_first_and_what_is_left_expires()
    {
        await fixture.GrantAsync(100);
        await fixture.GrantExpiringAsync(50, Hour);
        var entry = (await fixture.SettleAsync(await fixture.HoldAsync("req_1", 40), 30)).Value();
        Assert.Equal("""{"promo_1":30}""", entry.FromExpiring);

        fixture.Clock.Advance(Hour);
        var shownBefore = await fixture.BalanceAsync();
        await fixture.SweepAsync();
        await fixture.SweepAsync();

        var balance = await fixture.BalanceAsync();
        Assert.Equal((new Money(100), Money.Zero), (shownBefore.Available, shownBefore.Expired));
        Assert.Equal((new Money(100), new Money(20), Money.Zero, ExpiringCredit.None), (balance.Available, balance.Expired, balance.Debt, balance.Expiring));
        var expiry = LedgerEntry.From(Assert.Single(await fixture.RowsAsync("X")));
        Assert.Equal(("expire_grant", "promo_1", new Money(20), 4L), (expiry.Type.ToWire(), expiry.Id, expiry.Amount, expiry.Sequence));
        await fixture.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task The_one_that_expires_first_is_spent_first_whenever_it_was_granted()
    {
        await fixture.GrantExpiringAsync(50, 2 * Hour, "later");
        await fixture.GrantExpiringAsync(50, Hour, "sooner");

        var entry = (await fixture.SettleAsync(await fixture.HoldAsync("req_1", 70), 60)).Value();

        Assert.Equal("""{"sooner":50,"later":10}""", entry.FromExpiring);
        Assert.Equal([("later", new Money(40), Money.Zero)], (await fixture.BalanceAsync()).Expiring.Grants.Select(grant => (grant.GrantId, grant.Left, grant.Held)));
        await fixture.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task After_its_time_nothing_is_held_of_it_and_the_hold_that_asks_writes_the_expiry()
    {
        await fixture.GrantAsync(10);
        await fixture.GrantExpiringAsync(50, Hour);
        fixture.Clock.Advance(Hour);

        var refused = (await fixture.Ledger.HoldAsync(Sample.Partition, Sample.Hold("req_1", 11))).Error();
        Assert.Equal(("insufficient_balance", "0.000010"), (refused.Code, refused.Details["available_usd"]));
        await fixture.HoldAsync("req_2", 10);

        Assert.Equal(new Money(50), (await fixture.BalanceAsync()).Expired);
        await fixture.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task What_a_hold_took_in_time_is_its_own_until_it_ends_and_then_the_rest_expires()
    {
        await fixture.GrantAsync(100);
        await fixture.GrantExpiringAsync(50, TimeSpan.FromMinutes(5));
        var hold = await fixture.HoldAsync("req_1", 30);
        fixture.Clock.Advance(TimeSpan.FromMinutes(6));
        await fixture.SweepAsync();
        Assert.Equal((new Money(100), Money.Zero), await AvailableAndExpiredAsync());

        // Another that comes now takes paid credit.
        var other = await fixture.HoldAsync("req_2", 5);
        Assert.Empty(other.Hold.Expiring);
        var entry = (await fixture.SettleAsync(hold, 20)).Value();
        Assert.Equal("""{"promo_1":20}""", entry.FromExpiring);
        await fixture.VoidAsync(other);

        Assert.Equal((new Money(100), new Money(30)), await AvailableAndExpiredAsync());
        Assert.Equal(2, (await fixture.RowsAsync("G")).Count);
        Assert.Single(await fixture.RowsAsync("X"));
        await fixture.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task Refund_after_spend_meets_an_expiring_grant()
    {
        // 20 of 100 that were paid are spent; then comes a promotion.
        await fixture.GrantAsync(100);
        await fixture.SettleAsync(await fixture.HoldAsync("req_1", 20), 20);
        await fixture.GrantExpiringAsync(50, Hour);

        // The payment goes back: first what is left of it, then of the promotion, and nothing is owed.
        var refund = await fixture.Ledger.RefundAsync(Sample.Partition, "re_1", "grant_1", new(100));
        Assert.Equal("""{"promo_1":20}""", refund.FromExpiring);
        Assert.Equal((new Money(30), Money.Zero), await AvailableAndDebtAsync());

        // What is left of the promotion expires, and makes no debt.
        fixture.Clock.Advance(Hour);
        await fixture.SweepAsync();
        Assert.Equal((Money.Zero, Money.Zero), await AvailableAndDebtAsync());
        Assert.Equal(new Money(30), (await fixture.BalanceAsync()).Expired);

        // If the refund fails, all of it comes back, and does not expire.
        await fixture.Ledger.ReverseAsync(Sample.Partition, "re_1", TestContext.Current.CancellationToken);
        Assert.Equal((new Money(100), Money.Zero), await AvailableAndDebtAsync());
        await fixture.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task A_promotion_pays_a_debt_first_and_only_the_rest_expires()
    {
        await fixture.GrantAsync(100);
        await fixture.SettleAsync(await fixture.HoldAsync("req_1", 80), 80);
        await fixture.Ledger.DisputeAsync(Sample.Partition, "dp_1", "grant_1", new(100));
        var promotion = await fixture.GrantExpiringAsync(100, Hour);

        Assert.Equal("""{"promo_1":80}""", promotion.FromExpiring);
        Assert.Equal((new Money(20), Money.Zero), await AvailableAndDebtAsync());
        fixture.Clock.Advance(Hour);
        await fixture.SweepAsync();

        Assert.Equal((Money.Zero, Money.Zero), await AvailableAndDebtAsync());
        Assert.Equal(new Money(20), (await fixture.BalanceAsync()).Expired);
        await fixture.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task What_an_expired_promotion_gets_back_from_a_hold_pays_a_debt_before_it_expires()
    {
        await fixture.GrantAsync(100);
        await fixture.GrantExpiringAsync(50, TimeSpan.FromMinutes(5));
        var hold = await fixture.HoldAsync("req_1", 150);
        await fixture.Ledger.RefundAsync(Sample.Partition, "re_1", "grant_1", new(100));
        fixture.Clock.Advance(TimeSpan.FromMinutes(6));
        Assert.Equal((Money.Zero, new Money(100)), await AvailableAndDebtAsync());

        await fixture.SettleAsync(hold, 10);
        Assert.Equal((Money.Zero, Money.Zero), await AvailableAndDebtAsync());
        await fixture.SweepAsync();

        Assert.Equal(new Money(40), (await fixture.BalanceAsync()).Expired);
        await fixture.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task A_late_charge_takes_what_expires_first_too()
    {
        await fixture.GrantAsync(100);
        await fixture.GrantExpiringAsync(50, Hour);
        var hold = await fixture.HoldAsync("req_1", 30);
        fixture.Clock.Advance(TimeSpan.FromMinutes(11));
        await fixture.SweepAsync();

        var late = (await fixture.Ledger.SettleAsync(Sample.Partition, hold, new(20), hold.Hold.Close(new(20)), mayBeLate: true)).Value();

        Assert.Equal((EntryType.Late, """{"promo_1":20}"""), (late.Type, late.FromExpiring));
        await fixture.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task Sixteen_can_be_unspent_at_once_and_one_that_was_granted_before_is_answered_all_the_same()
    {
        for (var number = 1; number <= ExpiringCredit.GrantsMax; number++) await fixture.GrantExpiringAsync(10, Hour, $"promo_{number}");

        var refused = (await fixture.Ledger.GrantExpiringAsync(Sample.Partition, "one_more", new(10), Sample.Now + Hour)).Error();
        var again = await fixture.GrantExpiringAsync(10, Hour, "promo_3");
        Assert.Equal(("too_many_expiring_grants", 3L, 16), (refused.Code, again.Sequence, (await fixture.RowsAsync("G")).Count));

        // All of them expire in one transaction, and there is room again.
        fixture.Clock.Advance(Hour);
        await fixture.GrantExpiringAsync(10, Hour, "one_more");
        Assert.Equal((new Money(10), new Money(160)), await AvailableAndExpiredAsync());
        await fixture.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task An_expiry_whose_answer_was_lost_is_written_once()
    {
        var own = new LedgerFixture(time: new JumpingClock());
        await own.GrantExpiringAsync(50, TimeSpan.FromSeconds(-1));
        own.Store.NextCommits.Enqueue(Fault.AnswerLost);

        await own.Ledger.BeginHourAsync(Sample.Partition);
        await own.Instance().BeginHourAsync(Sample.Partition);

        Assert.Equal((new Money(50), 2L), (await own.BalanceAsync() is var balance ? (balance.Expired, balance.Sequence) : default));
        Assert.Single(await own.RowsAsync("X"));
        await own.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task A_quiet_account_stays_listed_untouched_until_its_credit_has_expired()
    {
        await fixture.GrantExpiringAsync(50, TimeSpan.FromDays(30));
        fixture.Clock.Advance(TimeSpan.FromDays(2));
        await fixture.SweepAsync();
        await CloseAsync();
        var reads = fixture.Store.Reads;
        await fixture.SweepAsync();
        Assert.Equal(0, fixture.Store.Reads - reads);

        fixture.Clock.Advance(TimeSpan.FromDays(28));
        await fixture.SweepAsync();
        fixture.Clock.Advance(TimeSpan.FromDays(2));
        Assert.Equal((Money.Zero, new Money(50)), await AvailableAndExpiredAsync());
        await fixture.SweepAsync();
        await CloseAsync();
        Assert.Empty(await ListedAsync());
        await fixture.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task The_books_and_a_restore_know_what_expires_when()
    {
        await fixture.GrantAsync(100);
        await fixture.GrantExpiringAsync(50, TimeSpan.FromDays(1), "first");
        await fixture.GrantExpiringAsync(60, TimeSpan.FromDays(30), "second");
        await fixture.SettleAsync(await fixture.HoldAsync("req_1", 20), 0);
        fixture.Clock.Advance(TimeSpan.FromDays(1));
        await fixture.SweepAsync();
        fixture.Clock.Advance(TimeSpan.FromDays(1));

        var days = await CloseAsync();
        var files = days.Select(day => $"books/acct_sample/{BooksDay.Key(day.Day)}/0000.jsonl");
        var restored = await new RestoreBalance(fixture.Blobs).RunAsync(files, TestContext.Current.CancellationToken);

        Assert.All(days, day => Assert.Empty(day.Differences));
        Assert.Equal([new Money(0), new Money(50)], days.Select(day => day.Through.Expired));
        Assert.Equal(new ExpiringCredit([new("second", Sample.Now.AddDays(30), new(60), Money.Zero)]), restored.Expiring);
        Assert.Equal(days[^1].Through, restored);
    }

    private async Task<IReadOnlyList<BooksDay>> CloseAsync()
    {
        var (days, ledger) = (new List<BooksDay>(), fixture.Instance());
        var books = new CloseBooks(ledger, new(fixture.Store, fixture.Clock), fixture.Store, fixture.Blobs, new(fixture.Store), new(fixture.Store, fixture.Results), new(fixture.Store), new(new(fixture.Store, ledger)), new(fixture.Store, ledger, new(fixture.Store, fixture.Clock), new(fixture.Store, ledger), fixture.Clock), new(fixture.Store), fixture.Clock);
        await books.RunAsync((_, day) => days.Add(day), _ => { }, (partition, cause) => throw new InvalidOperationException(partition.Key, cause), TestContext.Current.CancellationToken);
        return days;
    }

    private async Task<IEnumerable<Row>> ListedAsync() =>
        (await Task.WhenAll(OpenPartitions.AllShards.Select(shard => new OpenPartitions(fixture.Store, fixture.Clock).PageAsync(shard, "", 100, TestContext.Current.CancellationToken)))).SelectMany(page => page);

    private async Task<(Money Available, Money Debt)> AvailableAndDebtAsync() => await fixture.BalanceAsync() is var balance ? (balance.Available, balance.Debt) : default;

    private async Task<(Money Available, Money Expired)> AvailableAndExpiredAsync() => await fixture.BalanceAsync() is var balance ? (balance.Available, balance.Expired) : default;
}
