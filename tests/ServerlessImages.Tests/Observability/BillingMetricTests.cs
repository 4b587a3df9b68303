using ServerlessImages.Billing;
using ServerlessImages.Tests.Billing;
using ServerlessImages.Tests.Books;

namespace ServerlessImages.Tests.Observability;

/// <summary>What of billing wants an operator's eye is counted.</summary>
[Collection(MeasuredAlone.Name)]
public sealed class BillingMetricTests
{
    [Fact]
    public async Task A_payment_in_quarantine_counts_once_however_often_it_is_heard_of()
    {
        await using var fixture = await BillingFixture.StartAsync();
        using var measured = new Measurements();
        var checkout = await fixture.PaidAsync(dollars: 20);
        fixture.Stripe.Change(checkout.Id, session => session["amount_subtotal"] = 2_001);

        await fixture.AnnounceAsync();
        await fixture.SweepAsync();

        Assert.Equal(1, measured.Sum(Telemetry.PaymentsQuarantined));
    }

    [Fact]
    public async Task Books_that_cannot_be_held_against_Stripe_tell_for_how_long()
    {
        await using var books = await NightlyBooks.StartAsync();
        using var measured = new Measurements();
        await books.NightAsync();
        var real = books.Collector;
        books.Collector = new CollectorBetween(real) { Fails = (_, _) => true };
        await books.NightAsync(2);
        await books.CloseAsync();
        books.Collector = real;
        await books.CloseAsync();

        Assert.Equal([0, 86_400, 172_800, 172_800, 0], measured.Of(Telemetry.BooksUncompared).Select(each => each.Value));
    }

    [Fact]
    public async Task Each_sweep_tells_for_how_long_an_event_has_waited_and_none_when_none_does()
    {
        await using var fixture = await BillingFixture.StartAsync();
        using var measured = new Measurements();
        await fixture.SweepAsync();
        await fixture.Stripe.DisposeAsync();
        await fixture.Of<HandleEvents>().ReceiveAsync(new("evt_1", "charge.refunded", CollectorEventKind.PaymentReturned, "pi_1", Sample.Now, ""), (_, _) => { }, TestContext.Current.CancellationToken);
        fixture.Clock.Advance(TimeSpan.FromMinutes(10));
        await fixture.SweepAsync();

        Assert.Equal([0, 600], measured.Of(Telemetry.BillingEventsWaiting).Select(each => each.Value));
    }
}
