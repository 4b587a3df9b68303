using ServerlessImages.Ledger;

namespace ServerlessImages.Tests.Ledger;

public sealed class RateLimitTests
{
    [Fact]
    public void A_burst_passes_then_one_request_per_interval()
    {
        var limit = new RateLimit(RequestsPerMinute: 60, Burst: 10);
        var state = 0L;
        for (var request = 0; request < 10; request++) state = limit.Take(state, Sample.Now).Value().State;

        var refused = limit.Take(state, Sample.Now).Error();
        var admitted = limit.Take(state, Sample.Now + refused.RetryAfter!.Value);

        Assert.Equal(TimeSpan.FromSeconds(1), refused.RetryAfter);
        Assert.Equal(0, admitted.Value().Remaining);
    }

    [Fact]
    public void What_remains_and_when_it_is_whole_again_is_told()
    {
        var pace = new RateLimit(60, 10).Take(0, Sample.Now).Value();

        Assert.Equal((60, 9, TimeSpan.FromSeconds(1)), (pace.RequestsPerMinute, pace.Remaining, pace.Reset));
    }

    [Fact]
    public void Any_limit_admits_its_number_in_a_minute_and_its_burst()
    {
        var limit = new RateLimit(RequestsPerMinute: 7, Burst: 2);
        var (state, admitted) = (0L, 0);
        for (var millisecond = 0; millisecond < 60_000; millisecond += 10)
        {
            if (!limit.Take(state, Sample.Now.AddMilliseconds(millisecond)).TryGet(out var pace, out _)) continue;
            state = pace.State;
            admitted++;
        }

        Assert.Equal(7 + 2 - 1, admitted);
    }
}
