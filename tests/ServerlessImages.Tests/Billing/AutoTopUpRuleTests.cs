using ServerlessImages.Billing;

namespace ServerlessImages.Tests.Billing;

/// <summary>When an automatic top-up is due, without a store or a card.</summary>
public sealed class AutoTopUpRuleTests
{
    private static readonly DateTimeOffset MonthEnd = new(2026, 12, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly AutoTopUp Ready = new(new AutoTopUpTerms(true, Money.Dollars(5), Money.Dollars(20), Money.Dollars(40), "key", Sample.Now));

    [Fact]
    public void It_is_due_below_the_threshold_and_not_at_it()
    {
        Assert.True(Ready.IsDue(new Money(4_999_999), Sample.Now));
        Assert.False(Ready.IsDue(Money.Dollars(5), Sample.Now));
    }

    [Fact]
    public void A_charge_under_way_counts_against_the_cap_and_keeps_others_out()
    {
        var charging = Begin(Ready, Sample.Now);

        Assert.Equal((AutoTopUpState.Charging, 1L, Money.Dollars(20), false), (charging.State, charging.Attempt, charging.LeftAt(Sample.Now), charging.IsDue(Money.Zero, Sample.Now)));
        Assert.Equal(Money.Dollars(40), charging.Undo().LeftAt(Sample.Now));
        Assert.Equal(Money.Dollars(40), charging.Decline("no").LeftAt(Sample.Now));
        Assert.Equal(Money.Dollars(20), charging.Succeed().LeftAt(Sample.Now));
    }

    [Fact]
    public void A_cap_that_was_lowered_below_what_was_charged_leaves_nothing()
    {
        var spent = Begin(Ready, Sample.Now).Succeed();

        Assert.Equal(Money.Zero, (spent with { Terms = spent.Terms with { MonthlyCap = Money.Dollars(10) } }).LeftAt(Sample.Now));
    }

    /// <summary>Of a store that is older than members who agree: the consent is what stands if a charge is disputed.</summary>
    [Fact]
    public void A_consent_that_was_given_before_members_could_is_still_there()
    {
        Assert.Equal("key", Ready.ToColumns().Text("ConsentKeyId"));
    }

    [Fact]
    public void A_row_reads_as_it_was_written()
    {
        var declined = Ready.Begin("cus_1", "pm_1", ledgerSequence: 7, MonthEnd.AddMinutes(-1)).Decline("insufficient_funds");
        var charging = Begin(declined.Recover(), MonthEnd.AddMinutes(-1));

        Assert.Equal(declined, AutoTopUp.From(declined.ToColumns()));
        Assert.Equal(charging, AutoTopUp.From(charging.ToColumns()));
    }

    [Fact]
    public void Whatever_two_clocks_say_at_the_end_of_a_month_its_cap_holds_and_so_does_that_of_the_next()
    {
        var ahead = MonthEnd.AddMinutes(9);
        var behind = MonthEnd.AddMinutes(-9);
        var spent = Begin(Begin(Ready, behind).Succeed(), ahead).Succeed();

        Assert.Equal(Money.Zero, spent.LeftAt(behind));
        Assert.Equal(Money.Zero, spent.LeftAt(ahead));

        // Charged on the last evening by one clock, in the next month by the collector's: it counts in both.
        Assert.Equal(Money.Zero, spent.LeftAt(MonthEnd.AddDays(3)));
        Assert.Equal(Money.Dollars(40), spent.LeftAt(MonthEnd.AddDays(33)));
    }

    [Fact]
    public void A_month_that_has_begun_does_not_end_again_on_a_slow_clock()
    {
        var spent = Begin(Begin(Ready, MonthEnd.AddMinutes(15)).Succeed(), MonthEnd.AddMinutes(16)).Succeed();

        Assert.Equal(Money.Zero, spent.LeftAt(MonthEnd.AddMinutes(-5)));
        Assert.Equal(Money.Zero, Begin(spent with { Terms = spent.Terms with { MonthlyCap = Money.Dollars(60) } }, MonthEnd.AddMinutes(-5)).LeftAt(MonthEnd.AddDays(3)));
    }

    [Fact]
    public void What_was_charged_long_before_the_end_of_a_month_is_not_counted_in_the_next_and_what_was_not_made_in_neither()
    {
        var spent = Begin(Begin(Ready, MonthEnd.AddHours(-5)).Succeed(), MonthEnd.AddMinutes(-1));

        Assert.Equal(Money.Dollars(20), spent.Succeed().LeftAt(MonthEnd.AddDays(3)));
        Assert.Equal((Money.Dollars(20), Money.Dollars(40)), (spent.Undo().LeftAt(MonthEnd), spent.Undo().LeftAt(MonthEnd.AddDays(3))));
    }

    private static AutoTopUp Begin(AutoTopUp topUp, DateTimeOffset now) => topUp.Begin("cus", "pm", ledgerSequence: 0, now);
}
