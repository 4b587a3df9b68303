using System.Text.Json;
using ServerlessImages.Abuse;
using ServerlessImages.Events;
using ServerlessImages.Ledger;
using ServerlessImages.Tests.Ledger;

namespace ServerlessImages.Tests.Abuse;

/// <summary>What calls that the content filter refused lead to: in the account's own partition, with the entries of their requests.</summary>
public sealed class LadderTests
{
    private static readonly Ladder Shipped = Ladder.Parse(Ladder.ShippedJson);
    private readonly LedgerFixture fixture = new();

    [Fact]
    public async Task A_strike_is_written_with_the_void_and_says_whose_it_was_and_nothing_of_the_prompt()
    {
        await fixture.GrantAsync(1_000);

        await StrikeAsync("req_1");

        var row = Assert.Single(await fixture.RowsAsync("V"));
        Assert.Equal(("V|000000000001", "req_1", "key", "input", "violence", 1, "Good"), (row.Key, row.Columns.Text("RequestId"), row.Columns.Text("KeyId"), row.Columns.Text("Stage"), row.Columns.Text("Categories"), row.Columns.Integer("Calls"), row.Columns.Text("Rung")));
        Assert.Equal(Rung.Good, await RungAsync());
        await fixture.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task Two_warn_four_cool_down_six_for_longer_and_eight_wait_for_an_operator()
    {
        await fixture.GrantAsync(1_000);
        var rungs = new List<Rung>();
        for (var number = 1; number <= 8; number++)
        {
            await StrikeAsync($"req_{number}");
            rungs.Add(await RungAsync());
            if (rungs[^1] == Rung.CoolingDown) fixture.Clock.Advance(TimeSpan.FromMinutes(number == 4 ? 16 : 121));
        }

        Assert.Equal([Rung.Good, Rung.Warned, Rung.Warned, Rung.CoolingDown, Rung.Warned, Rung.CoolingDown, Rung.Warned, Rung.UnderReview], rungs);
        Assert.Equal(["account.warned", "account.cooling_down", "account.cooling_down", "account.under_review"], (await FactsAsync()).Select(each => each.Type));
        await fixture.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task Cooling_down_holds_nothing_says_until_when_and_ends_by_itself()
    {
        await fixture.GrantAsync(1_000);
        await StrikeAsync("req_1", calls: 4);

        var refused = (await fixture.Ledger.HoldAsync(fixture.Partition, Sample.Hold("req_2", 10))).Error();

        Assert.Equal((ApiErrorKind.Content, "content_cool_down", TimeSpan.FromMinutes(15), false), (refused.Kind, refused.Code, refused.RetryAfter, refused.Retryable));
        Assert.Equal((Money.Zero, 0), ((await fixture.BalanceAsync()).Held, (await fixture.BalanceAsync()).Open));
        fixture.Clock.Advance(TimeSpan.FromMinutes(15));
        Assert.True((await fixture.HoldAsync("req_3", 10)).Hold.OnProbation);
    }

    [Fact]
    public async Task Under_review_nothing_is_held_until_an_operator_has_looked_whatever_time_passes()
    {
        await fixture.GrantAsync(1_000);
        await StrikeAsync("req_1", calls: 8);
        fixture.Clock.Advance(TimeSpan.FromDays(30));
        Assert.Equal("account_under_review", (await fixture.Ledger.HoldAsync(fixture.Partition, Sample.Hold("req_2", 10))).Error().Code);

        await fixture.Instance().ClearConductAsync(fixture.Partition);
        await fixture.Instance().ClearConductAsync(fixture.Partition);

        Assert.False((await fixture.HoldAsync("req_3", 10)).Hold.OnProbation);
        Assert.Equal(["account.under_review", "account.cleared"], (await FactsAsync()).Select(each => each.Type));
        Assert.Single(await fixture.RowsAsync("V"));
        await fixture.AssertBooksAgreeAsync();
    }

    /// <summary>Another reason to stop is another operator's matter.</summary>
    [Fact]
    public async Task Clearing_takes_no_other_stop_away()
    {
        await fixture.GrantAsync(1_000);
        await fixture.Ledger.StopAsync(fixture.Partition, StopReasons.PaymentDisputed, isOn: true);

        await fixture.Ledger.ClearConductAsync(fixture.Partition);

        Assert.Equal("account_paused", (await fixture.Ledger.HoldAsync(fixture.Partition, Sample.Hold("req_1", 10))).Error().Code);
    }

    [Fact]
    public async Task Strikes_count_for_a_day()
    {
        await fixture.GrantAsync(1_000);
        for (var number = 1; number <= 20; number++)
        {
            await StrikeAsync($"req_{number}");
            fixture.Clock.Advance(TimeSpan.FromHours(9));
        }

        Assert.Equal(Rung.Warned, await RungAsync());
        Assert.DoesNotContain(await FactsAsync(), each => each.Type == "account.cooling_down");
    }

    [Fact]
    public async Task After_a_warning_fewer_requests_may_be_open_at_once()
    {
        await fixture.GrantAsync(1_000);
        await StrikeAsync("req_1", calls: 2);
        await fixture.HoldAsync("req_2", 10);
        await fixture.HoldAsync("req_3", 10);

        var refused = (await fixture.Ledger.HoldAsync(fixture.Partition, Sample.Hold("req_4", 10))).Error();

        Assert.Equal(("too_many_open_requests", "2 open"), (refused.Code, refused.Details["limit"]));
    }

    [Fact]
    public async Task Of_several_images_those_that_were_refused_count_with_the_charge_for_the_others()
    {
        await fixture.GrantAsync(1_000);
        var hold = await fixture.HoldAsync("req_1", 600);

        (await fixture.Ledger.SettleAsync(fixture.Partition, hold, new(500), hold.Hold.Close(new(500)), refusals: new(new(2, new("output", ["sexual"])), Shipped))).Value();

        Assert.Equal(["balance.low", "account.warned"], (await FactsAsync()).Select(each => each.Type));
        Assert.Single(await fixture.RowsAsync("E"));
        await fixture.AssertBooksAgreeAsync();
    }

    /// <summary>The answer to the void is lost, and it is closed again: its strike is not counted twice.</summary>
    [Fact]
    public async Task A_void_whose_answer_is_lost_strikes_once()
    {
        var jumping = new LedgerFixture(time: new JumpingClock());
        await jumping.GrantAsync(1_000);
        var hold = await jumping.HoldAsync("req_1", 10);
        jumping.Store.NextCommits.Enqueue(Fault.AnswerLost);

        await VoidAsync(hold, calls: 1, jumping);
        await VoidAsync(hold, calls: 1, jumping);

        Assert.Single(await jumping.RowsAsync("V"));
        Assert.Single((await jumping.BalanceAsync()).Conduct.Strikes);
        await jumping.AssertBooksAgreeAsync();
    }

    [Fact]
    public void A_plan_that_draws_much_may_be_refused_more_often()
    {
        Assert.Equal([10, 20, 30, 40], Shipped.For("trusted").Steps.Select(step => step.Strikes));
        Assert.Equal([2, 4, 6, 8], Shipped.For("trusted").For("standard").Steps.Select(step => step.Strikes));
    }

    [Theory]
    [InlineData("""{"strikes":4,"rung":"warned"},{"strikes":2,"rung":"under_review"}""")]
    [InlineData("""{"strikes":2,"rung":"cooling_down"}""")]
    [InlineData("""{"strikes":2,"rung":"good"}""")]
    [InlineData("""{"strikes":0,"rung":"warned"}""")]
    [InlineData("""{"strikes":2,"rung":"warned","minutes":5}""")]
    [InlineData("""{"strikes":900,"rung":"warned"}""")]
    public void A_ladder_that_says_nonsense_stops_the_start(string steps)
    {
        Assert.Throws<JsonException>(() => Ladder.Parse("""{"window_hours":24,"plan_factors":{"wide":2},"probation":{"new_account_hours":1,"after_step_hours":1,"open_requests_max":1},"steps":[""" + steps + "]}"));
    }

    [Fact]
    public void The_state_of_an_account_survives_its_column()
    {
        var (conduct, _) = Conduct.None.Count(new Refusals(new(3, new("input", [])), Shipped), Sample.Now);

        Assert.Equal(conduct, Conduct.Parse(conduct.ToText()));
        Assert.Equal("", Conduct.None.ToText());
        Assert.Equal(Conduct.None, Conduct.Parse(""));
    }

    private async Task StrikeAsync(string id, int calls = 1) => await VoidAsync(await fixture.HoldAsync(id, 10), calls);

    private Task<LedgerEntry> VoidAsync(OpenHold hold, int calls, LedgerFixture? other = null) =>
        (other ?? fixture).Ledger.VoidAsync(fixture.Partition, hold, hold.Hold.Close(Money.Zero, "moderation_blocked"), new(new(calls, new("input", ["violence"])), Shipped));

    private async Task<Rung> RungAsync() => (await fixture.BalanceAsync()).RungAt(fixture.Clock.GetUtcNow());

    private async Task<IEnumerable<EventFact>> FactsAsync() => (await fixture.RowsAsync("E")).SelectMany(row => EventRow.From(row).Facts);
}
