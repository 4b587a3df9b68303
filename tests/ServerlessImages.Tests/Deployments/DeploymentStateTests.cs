using ServerlessImages.Deployments;
using ServerlessImages.Images;

namespace ServerlessImages.Tests.Deployments;

public sealed class DeploymentStateTests
{
    private static readonly Deployment OfSix = new("west", "gpt-image-2", 0, 6);
    private static readonly DateTimeOffset Noon = Sample.Now;
    private static readonly TimeSpan Quarter = TimeSpan.FromMinutes(15);

    [Fact]
    public void Half_of_the_quota_begins_at_once_and_the_rest_evenly()
    {
        var state = new DeploymentState();
        var starts = new List<double>();
        var now = Noon;
        for (var call = 0; call < 12; call++)
        {
            now = state.FreeAt(OfSix, now);
            starts.Add(Math.Round((now - Noon).TotalSeconds, 1));
            state = state.Begin(OfSix, now);
        }

        Assert.Equal([0, 0, 0, 10.1, 20.2, 30.2, 60.5, 70.6, 80.7, 90.7, 100.8, 110.9], starts);
    }

    [Fact]
    public void A_deployment_whose_quota_nobody_knows_is_not_paced()
    {
        var unknown = OfSix with { RequestsPerMinute = null };
        var state = new DeploymentState().Begin(unknown, Noon);

        Assert.Empty(state.Starts);
        Assert.Equal(Noon, state.FreeAt(unknown, Noon));
        Assert.Null(state.Headroom(unknown, Noon));
    }

    [Fact]
    public void What_the_deployment_tells_of_its_quota_counts_where_it_is_narrower()
    {
        var told = new DeploymentState().End(Answered() with { RequestsPerMinute = 2 }, Noon, Quarter);

        Assert.Equal(2, told.PerMinute(OfSix));
        Assert.Equal(2, told.PerMinute(OfSix with { RequestsPerMinute = null }));
        Assert.Equal(6, told.End(Answered() with { RequestsPerMinute = 9 }, Noon, Quarter).PerMinute(OfSix));
    }

    [Fact]
    public void A_good_answer_changes_nothing()
    {
        var state = new DeploymentState();

        Assert.Same(state, state.End(Answered(), Noon, Quarter));
    }

    [Fact]
    public void Throttled_it_is_closed_for_as_long_as_it_said()
    {
        var closed = new DeploymentState().End(Failed(AttemptEnd.Throttled) with { RetryAfter = TimeSpan.FromSeconds(7) }, Noon, Quarter);

        Assert.Equal((DeploymentClosing.Throttled, Noon.AddSeconds(7)), (closed.Closing, closed.FreeAt(OfSix, Noon)));
        Assert.False(closed.IsHalfOpen);
    }

    [Fact]
    public void A_blocked_resource_is_closed_at_once_and_then_one_call_finds_out()
    {
        var blocked = new DeploymentState().End(Failed(AttemptEnd.Blocked), Noon, Quarter);
        var later = Noon.AddMinutes(15);
        var probed = blocked.Begin(OfSix, later);

        Assert.Equal(later, blocked.FreeAt(OfSix, Noon));
        Assert.Equal(later.AddMinutes(2), probed.FreeAt(OfSix, later));
        Assert.Equal(later, probed.End(Answered(), later, Quarter).FreeAt(OfSix, later));
    }

    [Theory]
    [InlineData(AttemptEnd.Failed)]
    [InlineData(AttemptEnd.Lost)]
    public void The_third_failure_in_a_row_opens_the_breaker_for_longer_each_time(AttemptEnd end)
    {
        var state = new DeploymentState().End(Failed(end), Noon, Quarter).End(Failed(end), Noon, Quarter);
        Assert.Equal(Noon, state.FreeAt(OfSix, Noon));

        var seconds = new List<double>();
        for (var failure = 3; failure < 10; failure++)
        {
            state = state.End(Failed(end), Noon, Quarter);
            seconds.Add((state.FreeAt(OfSix, Noon) - Noon).TotalSeconds);
        }

        Assert.Equal([15, 30, 60, 120, 240, 480, 600], seconds);
    }

    [Fact]
    public void A_good_answer_between_them_starts_the_count_again()
    {
        var state = new DeploymentState().End(Failed(AttemptEnd.Failed), Noon, Quarter).End(Failed(AttemptEnd.Failed), Noon, Quarter).End(Answered(), Noon, Quarter).End(Failed(AttemptEnd.Failed), Noon, Quarter);

        Assert.Equal(Noon, state.FreeAt(OfSix, Noon));
    }

    /// <summary>It began before the block.</summary>
    [Fact]
    public void A_good_answer_opens_nothing_that_is_closed()
    {
        var blocked = new DeploymentState().End(Failed(AttemptEnd.Blocked), Noon, Quarter);

        Assert.Same(blocked, blocked.End(Answered(), Noon.AddMinutes(1), Quarter));
    }

    [Fact]
    public void A_shorter_closing_does_not_end_a_longer_one()
    {
        var state = new DeploymentState().End(Failed(AttemptEnd.Blocked), Noon, Quarter).End(Failed(AttemptEnd.Throttled), Noon, Quarter);

        Assert.Equal((DeploymentClosing.Blocked, Noon.AddMinutes(15)), (state.Closing, state.ClosedUntil));
    }

    [Fact]
    public void The_row_keeps_everything()
    {
        var state = new DeploymentState().Begin(OfSix, Noon).Begin(OfSix, Noon.AddSeconds(1)).End(Failed(AttemptEnd.Blocked) with { RequestsPerMinute = 5 }, Noon.AddSeconds(2), Quarter);
        var read = DeploymentState.From(state.ToColumns());

        Assert.Equal(state.Starts, read.Starts);
        Assert.Equal(state with { Starts = [] }, read with { Starts = [] });
    }

    private static Attempt Answered() => new(new GeneratedImages { Images = [], Deployment = "west" }, AttemptEnd.Answered);

    private static Attempt Failed(AttemptEnd end) => new(ApiError.UpstreamFailed("test"), end);
}
