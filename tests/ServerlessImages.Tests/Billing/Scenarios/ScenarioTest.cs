using ServerlessImages.Ledger;
using ServerlessImages.Local.Stripe;

namespace ServerlessImages.Tests.Billing.Scenarios;

/// <summary>
/// A month and more of one account on the emulated Stripe, in emulated time: by the hour or the day the timers run, and all that happens is announced, and looked
/// through by the sweep once more. Each ends with the same reckoning: on both rails the ledger is what Stripe has, to the micro-dollar.
/// </summary>
public abstract class ScenarioTest : IAsyncLifetime
{
    protected static readonly DateTimeOffset December = new(2026, 12, 1, 0, 0, 0, TimeSpan.Zero);
    protected static readonly DateTimeOffset January = December.AddMonths(1);
    protected static readonly DateTimeOffset February = December.AddMonths(2);

    private BillingFixture? fixture;
    private EmulatedTime? time;

    private protected BillingFixture Fixture => fixture!;

    private protected EmulatedTime Time => time!;

    private protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private protected AccountLedger Ledger => Fixture.Of<AccountLedger>();

    public async ValueTask InitializeAsync()
    {
        fixture = await BillingFixture.StartAsync();
        time = new(fixture);
    }

    public async ValueTask DisposeAsync()
    {
        await Fixture.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private protected Task PassAsync(DateTimeOffset until) => Time.PassAsync(until);

    /// <summary>Some more days.</summary>
    private protected Task PassAsync(int days) => Time.PassAsync(Fixture.Clock.GetUtcNow().AddDays(days));

    /// <returns>The payment's id, once it is announced.</returns>
    private protected async Task<string> BuyAsync(int dollars, StripeTestCard? card = null)
    {
        var checkout = await Fixture.PaidAsync(dollars, card);
        await Time.HearAsync();
        return checkout.Payment!.Id;
    }

    private protected async Task SubscribeAsync()
    {
        await Fixture.SubscribeAsync();
        await Time.HearAsync();
    }

    private protected Task SpendAsync(long micros) => Fixture.SpendAsync(new(micros));

    /// <summary>Holds what a request may cost.</summary>
    private protected async Task<OpenHold> HoldAsync(long micros) => (await Ledger.HoldAsync(Sample.Partition, Sample.Hold(Ledger.NextRequestId(), micros))).Value().Hold!;

    /// <returns>Why a request is refused.</returns>
    private protected async Task<string> RefusalAsync() => (await Ledger.HoldAsync(Sample.Partition, Sample.Hold(Ledger.NextRequestId(), 1_000_000))).Error().Code;

    private protected Task SettleAsync(OpenHold open) => SettleAsync((open, open.Hold.Quote));

    private protected async Task SettleAsync((OpenHold Open, Money Charge) drawn) => (await Ledger.SettleAsync(Sample.Partition, drawn.Open, drawn.Charge, drawn.Open.Hold.Close(Money.Zero))).Value();
}
