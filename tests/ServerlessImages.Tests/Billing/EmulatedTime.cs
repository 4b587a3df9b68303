using System.Text;
using ServerlessImages.Billing;
using ServerlessImages.Local.Stripe;

namespace ServerlessImages.Tests.Billing;

/// <summary>Time as it goes by in production: what falls due at Stripe happens at its moment, the timers run, and everything is announced.</summary>
internal sealed class EmulatedTime(BillingFixture fixture)
{
    /// <summary>The timers run by the hour, around the times at which something is due, and else by the day.</summary>
    private static readonly TimeSpan ByTheHour = TimeSpan.FromHours(53);

    private readonly HashSet<string> heard = [];

    public async Task PassAsync(DateTimeOffset until)
    {
        await SendAsync();
        for (var at = fixture.Clock.GetUtcNow(); at < until;)
        {
            var step = until - at > ByTheHour ? TimeSpan.FromDays(1) : TimeSpan.FromHours(1);
            at = at + step < until ? at + step : until;
            await fixture.Stripe.AdvanceAsync(at);
            await SendAsync();
            await HearAsync();
            await fixture.SweepAsync();
        }
    }

    public Task<TimeSpan> SendAsync() => fixture.Of<SendMeterEvents>().RunAsync((_, _) => { }, (_, cause) => throw new InvalidOperationException("sending", cause), TestContext.Current.CancellationToken);

    /// <summary>Through the front door, signed, all that Stripe has not announced yet.</summary>
    public async Task HearAsync(int copies = 1, bool newestFirst = false)
    {
        var events = fixture.Stripe.All("event").Where(each => heard.Add(each["id"]!.GetValue<string>()));
        foreach (var each in newestFirst ? events.ToArray() : events.Reverse().ToArray())
        {
            for (var copy = 0; copy < copies; copy++)
            {
                var body = each.ToJsonString();
                var announced = fixture.Of<IPaymentCollector>().ReadEvent(Encoding.UTF8.GetBytes(body), StripeEmulator.Signature(body, "whsec_emulator", fixture.Clock.GetUtcNow())).Value();
                await fixture.Of<HandleEvents>().ReceiveAsync(announced, (what, cause) => throw new InvalidOperationException(what.Type, cause), TestContext.Current.CancellationToken);
            }
        }
    }

    /// <summary>Stripe announces all that it has announced before once more.</summary>
    public void Forget() => heard.Clear();
}
