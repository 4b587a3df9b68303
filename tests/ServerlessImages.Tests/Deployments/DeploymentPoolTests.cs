using Microsoft.Extensions.Time.Testing;
using ServerlessImages.Deployments;
using ServerlessImages.Images;
using ServerlessImages.Storage;
using ServerlessImages.Tests.Ledger;

namespace ServerlessImages.Tests.Deployments;

public sealed class DeploymentPoolTests
{
    private readonly FakeTimeProvider clock = Sample.Clock();
    private readonly InMemoryTableStore store = new();
    private readonly ScriptedDeployments upstream = new();

    [Fact]
    public async Task The_lowest_priority_is_taken_while_it_is_free()
    {
        upstream.All = [new("second", "gpt-image-2", 1, 6), new("first", "gpt-image-2", 0, 2)];
        var pool = Pool();

        for (var call = 0; call < 4; call++) Assert.True((await DrawAsync(pool)).TryGet(out _, out _));

        Assert.Equal(["first", "second", "second", "second"], upstream.Calls);
    }

    [Fact]
    public async Task Of_equals_the_one_with_the_most_room()
    {
        upstream.All = [new("small", "gpt-image-2", 0, 2), new("large", "gpt-image-2", 0, 6)];
        var pool = Pool();

        for (var call = 0; call < 3; call++) await DrawAsync(pool);

        Assert.Equal(["large", "large", "large"], upstream.Calls);
    }

    [Theory]
    [InlineData(AttemptEnd.Throttled)]
    [InlineData(AttemptEnd.Blocked)]
    [InlineData(AttemptEnd.Failed)]
    public async Task What_surely_cost_nothing_goes_on_to_the_next(AttemptEnd end)
    {
        upstream.All = [new("first", "gpt-image-2", 0, null), new("second", "gpt-image-2", 1, null)];
        upstream.Ends["first"] = end;
        var call = Call();

        Assert.Equal("second", (await Pool().GenerateAsync(call, Ignore, Cancel)).Value().Deployment);
        Assert.Equal([("first", end), ("second", AttemptEnd.Answered)], AttemptLog.Parse(call.Attempts.ToString()).Select(each => (each.Deployment, each.End)));
    }

    [Fact]
    public async Task What_may_be_billed_is_asked_once()
    {
        upstream.All = [new("first", "gpt-image-2", 0, null), new("second", "gpt-image-2", 1, null)];
        upstream.Ends["first"] = AttemptEnd.Lost;

        Assert.Equal("upstream_failed", (await DrawAsync(Pool())).Error().Code);
        Assert.Equal(["first"], upstream.Calls);
    }

    [Fact]
    public async Task A_refusal_of_the_prompt_is_not_taken_elsewhere()
    {
        upstream.All = [new("first", "gpt-image-2", 0, null), new("second", "gpt-image-2", 1, null)];
        upstream.Refuses = true;

        Assert.Equal("moderation_blocked", (await DrawAsync(Pool())).Error().Code);
        Assert.Equal(["first"], upstream.Calls);
    }

    [Fact]
    public async Task A_blocked_resource_is_left_alone_by_every_instance()
    {
        upstream.All = [new("first", "gpt-image-2", 0, null), new("second", "gpt-image-2", 1, null)];
        upstream.Ends["first"] = AttemptEnd.Blocked;
        await DrawAsync(Pool());

        await DrawAsync(Pool());

        Assert.Equal(["first", "second", "second"], upstream.Calls);
    }

    /// <summary>Azure blocks resources: another deployment in it would be refused too, and is not tried.</summary>
    [Fact]
    public async Task A_block_closes_all_deployments_of_the_resource()
    {
        upstream.All = [new("first", "gpt-image-2", 0, null) { Resource = "a" }, new("second", "gpt-image-2", 1, null) { Resource = "a" }, new("third", "gpt-image-2", 2, null) { Resource = "b" }, new("other", "gpt-image-1.5", 0, null) { Resource = "a" }];
        upstream.Ends["first"] = AttemptEnd.Blocked;

        await DrawAsync(Pool());

        Assert.Equal(["first", "third"], upstream.Calls);
        var states = new DeploymentStates(store, new PoolOptions(), clock);
        Assert.Equal(DeploymentClosing.Blocked, (await states.LookAsync(upstream.All[3], Cancel)).Closing);
        Assert.Equal(DeploymentClosing.None, (await states.LookAsync(upstream.All[2], Cancel)).Closing);
    }

    [Theory]
    [InlineData(true, "quarantine")]
    [InlineData(false, "open")]
    public async Task Accounts_on_probation_draw_in_quarantine_and_only_they_do(bool onProbation, string expected)
    {
        upstream.All = [new("open", "gpt-image-2", 0, null), new("quarantine", "gpt-image-2", 0, null) { IsQuarantine = true }];
        var pool = Pool();

        for (var call = 0; call < 5; call++) await pool.GenerateAsync(Call() with { OnProbation = onProbation }, Ignore, Cancel);

        Assert.All(upstream.Calls, each => Assert.Equal(expected, each));
    }

    [Fact]
    public async Task A_blocked_quarantine_sends_nobody_elsewhere()
    {
        upstream.All = [new("open", "gpt-image-2", 0, null), new("quarantine", "gpt-image-2", 0, null) { IsQuarantine = true }];
        upstream.Ends["quarantine"] = AttemptEnd.Blocked;
        var pool = Pool();

        await pool.GenerateAsync(Call() with { OnProbation = true }, Ignore, Cancel);
        var error = (await pool.GenerateAsync(Call() with { OnProbation = true }, Ignore, Cancel)).Error();

        Assert.Equal("no_deployment_available", error.Code);
        Assert.Equal(["quarantine"], upstream.Calls);
    }

    [Fact]
    public async Task Where_a_model_has_no_quarantine_all_draw_on_what_there_is()
    {
        upstream.All = [new("open", "gpt-image-2", 0, null)];

        Assert.True((await Pool().GenerateAsync(Call() with { OnProbation = true }, Ignore, Cancel)).TryGet(out _, out _));
    }

    [Fact]
    public async Task A_request_whose_account_was_stopped_while_it_waited_is_not_drawn_and_takes_no_place()
    {
        upstream.All = [new("only", "gpt-image-2", 0, 1)];
        var pool = Pool();

        var error = (await pool.GenerateAsync(Call() with { RefusalAsync = _ => Task.FromResult<ApiError?>(ApiError.AccountUnderReview) }, Ignore, Cancel)).Error();

        Assert.Equal("account_under_review", error.Code);
        Assert.True((await DrawAsync(pool)).TryGet(out _, out _));
        Assert.Single(upstream.Calls);
    }

    [Fact]
    public async Task Each_refusal_of_the_content_filter_is_noted_for_its_account()
    {
        upstream.All = [new("only", "gpt-image-2", 0, null)];
        upstream.Refuses = true;
        var call = Call();

        await Pool().GenerateAsync(call, Ignore, Cancel);
        await Pool().GenerateAsync(call, Ignore, Cancel);

        Assert.Equal((2, "input"), (call.Attempts.Strike!.Calls, call.Attempts.Strike.Details.Stage));
    }

    [Fact]
    public async Task A_quota_that_no_image_model_has_is_not_paced()
    {
        upstream.All = [new("gateway", "gpt-image-2", 0, null)];
        upstream.Told = 60_000;
        var pool = Pool();

        for (var call = 0; call < 3; call++) await DrawAsync(pool);

        Assert.Empty((await new DeploymentStates(store, new PoolOptions(), clock).LookAsync(upstream.All[0], Cancel)).Starts);
    }

    [Fact]
    public async Task Where_none_is_free_the_caller_is_told_when_to_come_again()
    {
        upstream.All = [new("only", "gpt-image-2", 0, 1)];
        var pool = Pool(new PoolOptions { WaitMax = TimeSpan.FromSeconds(10) });
        await DrawAsync(pool);

        var error = (await DrawAsync(pool)).Error();

        Assert.Equal(("no_deployment_available", 61), (error.Code, error.RetryAfter!.Value.TotalSeconds));
        Assert.Single(upstream.Calls);
    }

    /// <summary>All choose at once, and each read of the store lasts a while. That turns take a moment is no reason to send somebody away from a free deployment.</summary>
    [Theory]
    [InlineData(null)]
    [InlineData(1_000)]
    public async Task Without_patience_a_free_deployment_is_still_waited_for(int? quota)
    {
        upstream.All = [new("only", "gpt-image-2", 0, quota)];
        var gate = new TaskCompletionSource();
        var slow = new HookedTableStore(store) { Table = TableNames.Deployments, OnFind = _ => gate.Task };
        var options = new PoolOptions { WaitMax = TimeSpan.Zero };
        var pool = new DeploymentPool(upstream, new DeploymentStates(slow, options, clock), options, new SystemEntropy(), clock);

        var calls = Enumerable.Range(0, 50).Select(_ => DrawAsync(pool)).ToArray();
        gate.SetResult();

        Assert.All(await Task.WhenAll(calls), drawn => Assert.True(drawn.TryGet(out _, out _)));
    }

    [Fact]
    public async Task Whoever_waits_is_served_when_a_place_is_free()
    {
        upstream.All = [new("only", "gpt-image-2", 0, 1)];
        var pool = Pool(new PoolOptions { WaitMax = TimeSpan.FromMinutes(2) });
        await DrawAsync(pool);

        var waiting = DrawAsync(pool);
        for (var second = 0; second < 70 && !waiting.IsCompleted; second++)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(1, Cancel);
        }

        Assert.True((await waiting).TryGet(out _, out _));
        Assert.InRange(clock.GetUtcNow() - Sample.Now, TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(70));
    }

    [Fact]
    public async Task The_requests_own_deadline_ends_the_waiting()
    {
        upstream.All = [new("only", "gpt-image-2", 0, 1)];
        var pool = Pool(new PoolOptions { WaitMax = TimeSpan.FromMinutes(2) });
        await DrawAsync(pool);
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(5), clock);

        var waiting = pool.GenerateAsync(Call(), Ignore, deadline.Token);
        clock.Advance(TimeSpan.FromSeconds(5));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        Assert.Single(upstream.Calls);
    }

    [Fact]
    public async Task A_model_without_a_deployment_is_not_sold()
    {
        upstream.All = [new("other", "gpt-image-1.5", 0, null)];

        Assert.Equal("no_deployment_available", (await DrawAsync(Pool())).Error().Code);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static ImageCall Call() => new("req_1", Sample.Request(), null, Sample.Share);

    private static ValueTask Ignore(PartialImage partial) => ValueTask.CompletedTask;

    private static Task<Result<GeneratedImages>> DrawAsync(DeploymentPool pool) => pool.GenerateAsync(Call(), Ignore, Cancel);

    private DeploymentPool Pool(PoolOptions? options = null) => new(upstream, new DeploymentStates(store, options ?? new PoolOptions(), clock), options ?? new PoolOptions(), new SystemEntropy(), clock);

    private sealed class ScriptedDeployments : IImageDeployments
    {
        public IReadOnlyList<Deployment> All { get; set; } = [];

        public Dictionary<string, AttemptEnd> Ends { get; } = [];

        public bool Refuses { get; set; }

        public int? Told { get; set; }

        public List<string> Calls { get; } = [];

        public Task<Attempt> TryAsync(Deployment deployment, ImageCall call, Func<PartialImage, ValueTask> onPartial, CancellationToken deadline)
        {
            Calls.Add(deployment.Name);
            if (Refuses) return Task.FromResult(new Attempt(ApiError.ModerationBlocked(new("input", [])), AttemptEnd.Answered));
            return Task.FromResult(Ends.TryGetValue(deployment.Name, out var end)
                ? new Attempt(ApiError.UpstreamFailed("scripted"), end)
                : new Attempt(new GeneratedImages { Images = [], Deployment = deployment.Name }, AttemptEnd.Answered, RequestsPerMinute: Told));
        }
    }
}
