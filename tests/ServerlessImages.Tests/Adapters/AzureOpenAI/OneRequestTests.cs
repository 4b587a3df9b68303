using Azure.Core;
using Azure.Identity;
using Microsoft.AspNetCore.Http;
using ServerlessImages.Deployments;
using static ServerlessImages.Tests.Adapters.AzureOpenAI.AzureOpenAIDriver;

namespace ServerlessImages.Tests.Adapters.AzureOpenAI;

/// <summary>Every request upstream may be billed, so nothing between us and it may repeat one.</summary>
public class OneRequestTests
{
    [Fact]
    public async Task A_connection_that_breaks_before_the_answer_is_not_tried_again()
    {
        await using var driver = await StartAsync(Abort);

        Assert.Equal("upstream_failed", (await driver.GenerateAsync()).Error().Code);
        Assert.Equal(AttemptEnd.Lost, driver.Attempt!.End);
        Assert.Single(driver.Stub.Requests);
    }

    [Fact]
    public async Task A_connection_that_was_good_before_is_not_tried_again_either()
    {
        var answers = new Queue<RequestDelegate>([Answers.Json(Answers.Plain(Answers.Image)), Abort]);
        await using var driver = await StartAsync(context => answers.Dequeue()(context));

        await driver.GenerateAsync();

        Assert.Equal("upstream_failed", (await driver.GenerateAsync()).Error().Code);
        Assert.Equal(2, driver.Stub.Requests.Count);
    }

    [Fact]
    public async Task An_answer_that_breaks_off_has_failed()
    {
        await using var driver = await StartAsync(async context =>
        {
            await context.SendEventAsync(Answers.PartialEvent(0));
            context.Abort();
        });

        Assert.Equal("upstream_failed", (await driver.GenerateAsync()).Error().Code);
        Assert.Single(driver.Stub.Requests);
    }

    [Fact]
    public async Task A_stream_that_invites_to_take_it_up_again_is_not()
    {
        await using var driver = await StartAsync(async context =>
        {
            await context.SendEventAsync("retry: 1\nid: 7\n" + Answers.PartialEvent(0));
            context.Abort();
        });

        Assert.Equal("upstream_failed", (await driver.GenerateAsync(ARequest(stream: true, partialImages: 1))).Error().Code);
        Assert.Single(driver.Stub.Requests);
    }

    [Fact]
    public async Task Nobody_at_the_address_is_a_failure()
    {
        await using var driver = await StartAsync(Abort);
        await driver.Stub.DisposeAsync();

        Assert.Equal("upstream_failed", (await driver.GenerateAsync()).Error().Code);
        Assert.Equal(AttemptEnd.Failed, driver.Attempt!.End);
    }

    [Fact(Timeout = 60_000)]
    public async Task The_deadline_closes_the_connection_before_the_answer()
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        await using var driver = await StartAsync(context => Task.Delay(Timeout.Infinite, context.RequestAborted));

        var generating = driver.GenerateAsync(ARequest(), deadline.Token);
        await driver.Stub.Arrived.WaitAsync(TestContext.Current.CancellationToken);
        await deadline.CancelAsync();

        Assert.Equal("upstream_timed_out", (await generating).Error().Code);
        await driver.Stub.Aborted.WaitAsync(TestContext.Current.CancellationToken);
        Assert.Single(driver.Stub.Requests);
    }

    [Fact(Timeout = 60_000)]
    public async Task The_deadline_closes_the_connection_within_the_answer()
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        await using var driver = await StartAsync(async context =>
        {
            await context.SendEventAsync(Answers.PartialEvent(0));
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        });

        var generated = await driver.GenerateAsync(ARequest(stream: true, partialImages: 1), async _ => await deadline.CancelAsync(), deadline.Token);

        Assert.Equal("upstream_timed_out", generated.Error().Code);
        await driver.Stub.Aborted.WaitAsync(TestContext.Current.CancellationToken);
        Assert.Single(driver.Stub.Requests);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_failure_of_the_callers_is_not_the_upstreams()
    {
        await using var driver = await StartAsync(async context =>
        {
            await context.SendEventAsync(Answers.PartialEvent(0));
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        });

        await Assert.ThrowsAsync<IOException>(() => driver.GenerateAsync(ARequest(stream: true, partialImages: 1), _ => throw new IOException("the caller hung up"), TestContext.Current.CancellationToken));
        await driver.Stub.Aborted.WaitAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Without_a_token_nothing_is_sent_and_the_fault_is_ours()
    {
        await using var driver = await StartAsync(Abort, endpoint => Options(ADeployment(endpoint, apiKey: "")), new NoCredential());

        Assert.Equal("no_deployment_available", (await driver.GenerateAsync()).Error().Code);
        Assert.Empty(driver.Stub.Requests);
    }

    private static Task Abort(HttpContext context)
    {
        context.Abort();
        return Task.CompletedTask;
    }

    private sealed class NoCredential : TokenCredential
    {
        public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) => throw new CredentialUnavailableException("no identity here");

        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) => throw new CredentialUnavailableException("no identity here");
    }
}
