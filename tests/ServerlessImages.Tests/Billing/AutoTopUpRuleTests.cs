using ServerlessImages.Billing;

namespace ServerlessImages.Tests.Billing;

/// <summary>When an automatic top-up is due, without a store or a card.</summary>
public sealed class AutoTopUpRuleTests
{
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
        var charging = Ready.Begin("pm", Sample.Now);

        Assert.Equal((AutoTopUpState.Charging, 1L, Money.Dollars(20), false), (charging.State, charging.Attempt, charging.LeftAt(Sample.Now), charging.IsDue(Money.Zero, Sample.Now)));
        Assert.Equal(Money.Dollars(40), charging.Undo().LeftAt(Sample.Now));
        Assert.Equal(Money.Dollars(40), charging.Decline("no").LeftAt(Sample.Now));
        Assert.Equal(Money.Dollars(20), charging.Succeed().LeftAt(Sample.Now));
    }

    [Fact]
    public void A_cap_that_was_lowered_below_what_was_charged_leaves_nothing()
    {
        var spent = Ready.Begin("pm", Sample.Now).Succeed();

        Assert.Equal(Money.Zero, (spent with { Terms = spent.Terms with { MonthlyCap = Money.Dollars(10) } }).LeftAt(Sample.Now));
    }

    [Fact]
    public void A_row_reads_as_it_was_written()
    {
        var declined = Ready.Begin("pm_1", Sample.Now).Decline("insufficient_funds");

        Assert.Equal(declined, AutoTopUp.From(declined.ToColumns()));
    }
}
