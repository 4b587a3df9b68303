using ServerlessImages.Ledger;

namespace ServerlessImages.Tests.Ledger;

/// <summary>What one key or one end user may spend: in the hold's own transaction, so that no number of callers gets past it.</summary>
public sealed class BudgetTests
{
    private const string Key = "K|key";
    private readonly LedgerFixture fixture = new();

    [Fact]
    public async Task A_budget_for_fifty_lets_exactly_fifty_pass_on_any_number_of_instances()
    {
        await fixture.GrantAsync(1_000_000);
        await SetAsync(new(Total: new(50 * 7)));
        AccountLedger[] instances = [.. Enumerable.Range(0, 8).Select(_ => fixture.Instance())];

        var results = await Task.WhenAll(Enumerable.Range(0, 128).Select(number => instances[number % 8].HoldAsync(Sample.Partition, Sample.Hold($"req_{number}", 7))));

        Assert.Equal(50, results.Count(result => result.TryGet(out _, out _)));
        Assert.All(results.Where(result => !result.TryGet(out _, out _)), result => Assert.Equal("key_budget_exceeded", result.Error().Code));
        Assert.Equal(new BudgetWindow(0, new(350), Money.Zero), (await BudgetAsync()).Total);
        await fixture.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task A_refusal_names_the_limit_what_is_left_and_when_it_resets()
    {
        await fixture.GrantAsync(1_000);
        await SetAsync(new(Total: new(500), Day: new(100), Month: new(200)));
        await fixture.HoldAsync("req_1", 60);

        var day = (await fixture.Ledger.HoldAsync(Sample.Partition, Sample.Hold("req_2", 41))).Error();

        Assert.Equal(("key_budget_exceeded", "day", "0.000100", "0.000040"), (day.Code, day.Details["limit"], day.Details["limit_usd"], day.Details["left_usd"]));
        Assert.Equal(new DateTimeOffset(2026, 11, 24, 0, 0, 0, TimeSpan.Zero).ToUnixTimeSeconds().ToString(System.Globalization.CultureInfo.InvariantCulture), day.Details["resets_at"]);
        Assert.NotNull(day.Pace);
        Assert.Equal(new Money(60), (await fixture.BalanceAsync()).Held);
    }

    [Fact]
    public async Task A_charge_belongs_to_the_day_and_month_of_its_hold()
    {
        await fixture.GrantAsync(1_000);
        await SetAsync(new(Day: new(100), Month: new(150)));
        var today = await fixture.HoldAsync("req_1", 100);
        fixture.Clock.Advance(TimeSpan.FromDays(1));
        var tomorrow = await fixture.HoldAsync("req_2", 50);
        await fixture.SettleAsync(today, 80);

        var budget = await BudgetAsync();
        Assert.Equal((new Money(50), Money.Zero), (budget.Day.Held, budget.Day.Settled));
        Assert.Equal((new Money(50), new Money(80)), (budget.Month.Held, budget.Month.Settled));
        await fixture.VoidAsync(tomorrow);
        Assert.Equal((Money.Zero, new Money(80)), ((await BudgetAsync()).Total.Held, (await BudgetAsync()).Total.Settled));
        await fixture.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task A_clock_that_is_behind_spends_in_the_later_window()
    {
        await fixture.GrantAsync(1_000);
        await SetAsync(new(Day: new(100)));
        fixture.Clock.Advance(TimeSpan.FromDays(1));
        await fixture.HoldAsync("req_1", 100);
        var behind = new AccountLedger(fixture.Store, new(fixture.Store, Sample.Clock()), Sample.Clock(), new SystemEntropy());

        // With room for its clock in the rate limit, which is behind as well.
        Assert.Equal("key_budget_exceeded", (await behind.HoldAsync(Sample.Partition, Sample.Hold("req_2", 1, Sample.Plan(burst: 100_000_000)))).Error().Code);
    }

    [Fact]
    public async Task An_end_user_has_a_budget_of_its_own_beside_the_keys()
    {
        await fixture.GrantAsync(1_000);
        await SetAsync(new(Total: new(100)));
        await fixture.Ledger.SetBudgetAsync(Sample.Partition, LedgerRows.EndUserBudget("bob@example.com"), new(Total: new(10)));

        Assert.Equal("end_user_budget_exceeded", (await HoldForAsync("req_1", 11, "bob@example.com")).Error().Code);
        Assert.True((await HoldForAsync("req_2", 10, "bob@example.com")).TryGet(out _, out _));
        Assert.True((await HoldForAsync("req_3", 90, "eve@example.com")).TryGet(out _, out _));
        Assert.Equal("key_budget_exceeded", (await HoldForAsync("req_4", 1, "eve@example.com")).Error().Code);
        await fixture.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task Its_own_rate_limits_a_key_and_takes_nothing_when_it_refuses()
    {
        await fixture.GrantAsync(1_000);
        await SetAsync(new(RequestsPerMinute: 6));
        var hold = await fixture.HoldAsync("req_1", 1);

        var error = (await fixture.Ledger.HoldAsync(Sample.Partition, Sample.Hold("req_2", 1))).Error();

        Assert.Equal(("rate_limit_exceeded", "6/min", "key", TimeSpan.FromSeconds(10)), (error.Code, error.Details["limit"], error.Details["limit_of"], error.RetryAfter));
        Assert.Equal(new Money(1), (await BudgetAsync()).Total.Held);

        // What the caller is told of its pace is the key's, too: the account's would let it start 999 more.
        Assert.All([hold.Pace!, error.Pace!], pace => Assert.Equal((6, 0, TimeSpan.FromSeconds(10)), (pace.RequestsPerMinute, pace.Remaining, pace.Reset)));
    }

    [Fact]
    public async Task A_hold_that_was_made_before_the_budget_does_not_touch_it()
    {
        await fixture.GrantAsync(1_000);
        var before = await fixture.HoldAsync("req_1", 100);
        await SetAsync(new(Total: new(50)));
        await fixture.SettleAsync(before, 90);

        Assert.Equal(BudgetWindow.Empty, (await BudgetAsync()).Total);
        Assert.True((await fixture.Ledger.HoldAsync(Sample.Partition, Sample.Hold("req_2", 50))).TryGet(out _, out _));
    }

    [Fact]
    public async Task New_limits_keep_what_was_spent()
    {
        await fixture.GrantAsync(1_000);
        await SetAsync(new(Total: new(100)));
        await fixture.SettleAsync(await fixture.HoldAsync("req_1", 60), 60);
        await SetAsync(new(Total: new(50), Month: new(1_000)));

        var error = (await fixture.Ledger.HoldAsync(Sample.Partition, Sample.Hold("req_2", 1))).Error();

        Assert.Equal(("0.000050", "0.000000"), (error.Details["limit_usd"], error.Details["left_usd"]));
        Assert.Equal(1, (await fixture.BalanceAsync()).Budgets);
        await SetAsync(new());
        Assert.True((await fixture.Ledger.HoldAsync(Sample.Partition, Sample.Hold("req_3", 500))).TryGet(out _, out _));
    }

    private Task<Budget> SetAsync(BudgetLimits limits) => fixture.Ledger.SetBudgetAsync(Sample.Partition, Key, limits);

    private async Task<Budget> BudgetAsync() => (await fixture.Ledger.FindBudgetAsync(Sample.Partition, Key, TestContext.Current.CancellationToken))!;

    private Task<Result<HoldOutcome>> HoldForAsync(string id, long quote, string endUser)
    {
        var hold = Sample.Hold(id, quote);
        return fixture.Ledger.HoldAsync(Sample.Partition, new(id, hold.Quote, hold.Plan, hold.Lifetime, hold.Summary with { EndUser = endUser }));
    }
}
