using ServerlessImages.Events;
using ServerlessImages.Ledger;
using ServerlessImages.Storage;
using ServerlessImages.Tests.Api;
using ServerlessImages.Tests.Ledger;

namespace ServerlessImages.Tests.Events;

/// <summary>Half, four fifths and all of a limit: told once, with the charge that crossed it.</summary>
public sealed class SpendAlertTests
{
    private readonly LedgerFixture fixture = new();
    private int requests;

    [Fact]
    public async Task Each_share_of_a_budget_is_told_once_with_the_charge_that_crossed_it()
    {
        await fixture.GrantAsync(1_000_000);
        await SetBudgetAsync(new(Total: new(100)));
        var told = new List<string>();
        foreach (var charge in (long[])[49, 1, 15, 14, 1, 10, 5, 3, 1, 1])
        {
            await ChargeAsync(charge);
            told.Add((await ToldAsync()).FirstOrDefault(""));
        }

        const string half = "key_budget:total:50:50/100", most = "key_budget:total:80:80/100", all = "key_budget:total:100:98/100";
        Assert.Equal(["", half, half, half, most, most, most, all, all, all], told);
        Assert.Equal([all, most, half], await ToldAsync());
        await fixture.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task A_charge_that_crosses_several_shares_of_several_limits_tells_the_highest_of_each_in_one_row()
    {
        await fixture.GrantAsync(200);
        await SetBudgetAsync(new(Total: new(100), Day: new(160), Month: new(1_000)));
        await fixture.Ledger.SetBudgetAsync(Sample.Partition, LedgerRows.EndUserBudget("bob"), new(Month: new(120)));

        var hold = await HoldAsync(100, "bob");
        await fixture.SettleAsync(hold, 100);

        Assert.Equal(["key_budget:total:100:100/100", "key_budget:day:100:100/160", "end_user_budget:month:100:100/120", "balance::50:100/200"], await ToldAsync());
        Assert.Single(await fixture.RowsAsync("E"));
        var events = (await EventsAsync()).Events;
        Assert.Equal(["budget.threshold", "budget.threshold", "budget.threshold", "balance.low"], events.Select(each => each.Type));
        Assert.Equal($$"""{"what":"end_user_budget","key_id":null,"end_user":"bob","window":"month","percent":100,"spent_usd":"0.000100","limit_usd":"0.000120","resets_at":1796083200,"request_id":"{{hold.Hold.Id}}"}""", events[2].Data.GetRawText());
    }

    [Fact]
    public async Task All_is_spent_when_less_is_left_than_the_request_had_needed()
    {
        await fixture.GrantAsync(1_000_000);
        await SetBudgetAsync(new(Total: new(100)));

        await ChargeAsync(10, quote: 90);
        Assert.Empty(await ToldAsync());
        await ChargeAsync(1, quote: 90);

        Assert.Equal(["key_budget:total:100:11/100"], await ToldAsync());
        Assert.Equal("key_budget_exceeded", (await fixture.Ledger.HoldAsync(Sample.Partition, Sample.Hold("req_next", 90))).Error().Code);
    }

    [Fact]
    public async Task A_day_and_a_month_are_told_anew_and_a_total_is_not()
    {
        await fixture.GrantAsync(1_000_000);
        await SetBudgetAsync(new(Total: new(100), Day: new(100)));
        await ChargeAsync(30);
        await ChargeAsync(30);
        Assert.Equal(["key_budget:total:50:60/100", "key_budget:day:50:60/100"], await ToldAsync());

        fixture.Clock.Advance(TimeSpan.FromDays(1));
        await SetBudgetAsync(new(Total: new(140), Day: new(40)));
        await ChargeAsync(10);
        Assert.Equal(3, (await ToldAsync()).Length);
        await ChargeAsync(10);

        Assert.Equal(["key_budget:day:50:20/40", "key_budget:total:50:70/140"], (await ToldAsync())[..2]);
    }

    [Fact]
    public async Task A_limit_that_is_raised_is_told_anew_and_the_same_limit_again_is_not()
    {
        await fixture.GrantAsync(1_000_000);
        await SetBudgetAsync(new(Total: new(100)));
        await ChargeAsync(60);
        await SetBudgetAsync(new(Total: new(100)));
        await ChargeAsync(1);
        Assert.Equal(["key_budget:total:100:60/100"], await ToldAsync());

        await SetBudgetAsync(new(Total: new(200)));
        await ChargeAsync(1);
        Assert.Single(await ToldAsync());
        await ChargeAsync(38);

        Assert.Equal("key_budget:total:50:100/200", (await ToldAsync())[0]);
    }

    [Fact]
    public async Task The_balance_is_told_of_what_the_last_grant_left_there()
    {
        await fixture.GrantAsync(100);
        await ChargeAsync(40);
        await fixture.GrantAsync(40, "grant_2");
        await ChargeAsync(49);
        Assert.Empty(await ToldAsync());

        await ChargeAsync(1);
        Assert.Equal(["balance::50:50/100"], await ToldAsync());
        await fixture.GrantAsync(50, "grant_3");
        await ChargeAsync(80);

        Assert.Equal(["balance::100:80/100", "balance::50:50/100"], await ToldAsync());
    }

    [Fact]
    public async Task The_credit_limit_is_told_of_what_is_owed_and_anew_after_a_payment_or_a_higher_limit()
    {
        await fixture.Ledger.SetLimitAsync(Sample.Partition, new(100));
        await ChargeAsync(80);
        await ChargeAsync(1);
        Assert.Equal(["credit_limit::100:80/100"], await ToldAsync());

        await fixture.Ledger.PayAsync(Sample.Partition, "in_1", new(41));
        await ChargeAsync(10);
        Assert.Equal("credit_limit::50:50/100", (await ToldAsync())[0]);

        await fixture.Ledger.SetLimitAsync(Sample.Partition, new(1_000));
        await ChargeAsync(450);
        Assert.Equal("credit_limit::50:500/1000", (await ToldAsync())[0]);
        Assert.Equal(3, (await ToldAsync()).Length);
    }

    [Fact]
    public async Task A_settlement_whose_answer_was_lost_is_told_once()
    {
        var own = new LedgerFixture(time: new JumpingClock());
        await own.GrantAsync(100);
        var hold = await own.HoldAsync("req_1", 60);
        own.Store.NextCommits.Enqueue(Fault.AnswerLost);

        await own.SettleAsync(hold, 60);
        await own.SettleAsync(hold, 60);

        Assert.Single(await own.RowsAsync("E"));
        Assert.Equal(1, (await own.BalanceAsync()).Events);
    }

    [Fact]
    public async Task A_quiet_paid_request_takes_two_transactions_and_no_read_whatever_it_tells()
    {
        await fixture.GrantAsync(100);
        await SetBudgetAsync(new(Total: new(90), Day: new(80), Month: new(70)));
        await ChargeAsync(1);
        var (commits, reads) = (fixture.Store.Commits, fixture.Store.Reads);

        for (var number = 0; number < 64; number++) await ChargeAsync(1);

        Assert.Equal((128, 0), (fixture.Store.Commits - commits, fixture.Store.Reads - reads));
        Assert.Equal(6, (await ToldAsync()).Length);
    }

    [Fact]
    public async Task A_hundred_settlements_at_once_that_all_tell_something_fill_their_transactions_and_fit()
    {
        var store = new HookedTableStore(new InMemoryTableStore());
        var own = new LedgerFixture(store);
        await own.GrantAsync(1_000_000);
        var holds = new List<OpenHold>();
        for (var number = 0; number < 100; number++)
        {
            await own.Ledger.SetBudgetAsync(Sample.Partition, LedgerRows.KeyBudget($"key {number}"), new(Total: new(10)));
            var hold = Sample.Hold($"req_{number}", 10);
            holds.Add((await own.Ledger.HoldAsync(Sample.Partition, new(hold.Id, hold.Quote, hold.Plan, hold.Lifetime, Sample.Summary($"key {number}")))).Value().Hold!);
        }

        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var rows = new List<int>();
        store.OnCommit = async (writes, commit) =>
        {
            rows.Add(writes.Count);
            await gate.Task;
            return await commit();
        };
        var settled = holds.Select(hold => own.SettleAsync(hold, 10)).ToArray();
        gate.SetResult();
        await Task.WhenAll(settled);

        // Each takes five rows: its hold, its entry and its place, the event, and the budget; and each transaction the balance.
        Assert.Equal([6, 96, 96, 96, 96, 96, 21], rows);
        Assert.Equal((100L, 100), ((await own.BalanceAsync()).Events, (await own.RowsAsync("E")).Count));
        await own.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task Events_are_read_by_the_page_and_by_type_and_their_ids_are_of_one_partition()
    {
        await fixture.GrantAsync(100);
        await SetBudgetAsync(new(Total: new(100), Month: new(100)));
        foreach (var charge in (long[])[50, 15, 15, 10, 5, 5]) await ChargeAsync(charge);
        var all = (await EventsAsync(limit: 100)).Events;

        var read = new List<AccountEvent>();
        EventPage page;
        do
        {
            page = await EventsAsync(read.Count == 0 ? null : read[^1].Id.ToText(Sample.Partition), limit: 2);
            read.AddRange(page.Events);
        }
        while (page.HasMore);

        Assert.Equal(9, all.Count);
        Assert.Equal(all.Select(each => each.Id), read.Select(each => each.Id));
        Assert.Equal([100, 80, 50], (await EventsAsync(type: EventTypes.BalanceLow)).Events.Select(each => each.Data.GetProperty("percent").GetInt32()));
        var id = all[4].Id.ToText(Sample.Partition);
        Assert.Equal(all[4].Data.GetRawText(), (await Reader().FindAsync(Sample.Partition, id, Cancel)).Value().Data.GetRawText());
        Assert.Equal("event_not_found", (await Reader().FindAsync(Sample.Partition with { Livemode = false }, id, Cancel)).Error().Code);
        Assert.Equal("event_not_found", (await Reader().RunAsync(Sample.Partition, new EventId(99, 0).ToText(Sample.Partition) + "0", null, 1, Cancel)).Error().Code);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private ReadEvents Reader() => new(fixture.Store, fixture.Ledger);

    private async Task<EventPage> EventsAsync(string? after = null, string? type = null, int limit = 20) => (await Reader().RunAsync(Sample.Partition, after, type, limit, Cancel)).Value();

    /// <summary>What was told, newest first: what, window, share, spent of limit in micro-dollars.</summary>
    private async Task<string[]> ToldAsync() =>
        [.. (await EventsAsync(limit: 100)).Events.Select(each => $"{each.Data.Text("what")}:{each.Data.GetProperty("window").GetString()}:{each.Data.GetProperty("percent")}:{each.Data.Money("spent_usd").Micros}/{each.Data.Money("limit_usd").Micros}")];

    private Task<Budget> SetBudgetAsync(BudgetLimits limits) => fixture.Ledger.SetBudgetAsync(Sample.Partition, "K|key", limits);

    private async Task ChargeAsync(long charge, long? quote = null) => await fixture.SettleAsync(await HoldAsync(quote ?? charge), charge);

    private async Task<OpenHold> HoldAsync(long quote, string endUser = "")
    {
        var hold = Sample.Hold($"req_{++requests}", quote);
        return (await fixture.Ledger.HoldAsync(Sample.Partition, new(hold.Id, hold.Quote, hold.Plan, hold.Lifetime, hold.Summary with { EndUser = endUser }))).Value().Hold!;
    }
}
