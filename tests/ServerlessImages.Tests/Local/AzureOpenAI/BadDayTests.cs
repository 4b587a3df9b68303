using Microsoft.Extensions.Time.Testing;
using ServerlessImages.Local.AzureOpenAI;

namespace ServerlessImages.Tests.Local.AzureOpenAI;

/// <summary>What the real service does on a bad day, and to whom: bodies that do not end as they should, blocks, and shares of both.</summary>
public sealed class BadDayTests : EmulatorTest
{
    private readonly FakeTimeProvider time = new(new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));

    protected override AzureOpenAIEmulatorOptions Options => new() { Deployments = Deployments, Time = time, RequestsPerMinute = 40, RefusalsUntilBlocked = 3, BlockWindow = TimeSpan.FromMinutes(10), BlockedFor = TimeSpan.FromHours(1) };

    [Fact]
    public async Task Half_a_body_ends_as_if_it_were_whole()
    {
        using var response = await PostAsync(Generations, ABody("[half]"));

        var text = await response.Content.ReadAsStringAsync(Cancel);
        Assert.StartsWith("{\"created\":", text, StringComparison.Ordinal);
        Assert.False(text.EndsWith('}'));
    }

    [Theory]
    [InlineData("[drop]")]
    [InlineData("[reset]")]
    public async Task A_broken_connection_is_no_answer(string steer)
    {
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => PostAsync(Generations, ABody(steer)));
    }

    [Fact]
    public async Task A_stalled_body_comes_half_and_goes_on_when_the_caller_has_left()
    {
        using var leave = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        using var request = new HttpRequestMessage(HttpMethod.Post, Generations) { Content = System.Net.Http.Json.JsonContent.Create(ABody("[stall]")) };
        using var response = await Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancel);
        var body = response.Content.ReadAsByteArrayAsync(leave.Token);

        await leave.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => body);
        response.Dispose();
        while (Emulator.CancelledCalls == 0) await Task.Delay(1, Cancel);
    }

    [Fact]
    public async Task A_dripping_body_is_whole_in_the_end()
    {
        var call = PostAsync(Generations, ABody("[drip:100]"));
        var startedAt = time.GetUtcNow();
        while (!call.IsCompleted)
        {
            time.Advance(TimeSpan.FromMilliseconds(50));
            await Task.WhenAny(call, Task.Delay(1, Cancel));
        }

        using var response = await call;
        Assert.Single((await JsonAsync(response))["data"]!.AsArray());
        Assert.InRange(time.GetUtcNow() - startedAt, TimeSpan.FromSeconds(1.9), TimeSpan.MaxValue);
    }

    [Fact]
    public async Task Three_refused_prompts_block_the_resource_for_everybody_and_no_other_resource()
    {
        for (var number = 0; number < 3; number++) Assert.Equal("moderation_blocked", (await RefusalOfAsync(Generations, ABody("[moderated]"))).Code);

        Assert.Equal((403, "Forbidden"), await RefusalOfAsync(Generations, ABody("a harmless fox")));
        using var other = await PostAsync("west/" + Generations, ABody("a harmless fox"));
        time.Advance(TimeSpan.FromHours(1));
        using var later = await PostAsync(Generations, ABody("a harmless fox"));
        Assert.Equal((200, 200), ((int)other.StatusCode, (int)later.StatusCode));
    }

    [Fact]
    public async Task Refusals_beyond_the_window_block_nothing()
    {
        for (var number = 0; number < 6; number++)
        {
            Assert.Equal("moderation_blocked", (await RefusalOfAsync(Generations, ABody("[moderated]"))).Code);
            time.Advance(TimeSpan.FromMinutes(5));
        }

        Assert.False(Emulator.IsBlocked(""));
    }

    [Fact]
    public async Task Each_resource_has_a_quota_of_its_own()
    {
        for (var number = 0; number < 40; number++) await RefusalOfAsync(Generations, ABody("[500]"));

        Assert.Equal((429, "RateLimitReached"), await RefusalOfAsync(Generations, ABody("[500]")));
        Assert.Equal(500, (await RefusalOfAsync("west/" + Generations, ABody("[500]"))).Status);
    }
}

/// <summary>A second of the real service is a millisecond here.</summary>
public sealed class WallTests : EmulatorTest
{
    protected override AzureOpenAIEmulatorOptions Options => new() { Deployments = Deployments, TimeScale = 0.001 };

    /// <summary>A minute of silence is 60 ms, two are 122.</summary>
    [Theory]
    [InlineData(false, 0, 50, 200)]
    [InlineData(false, 0, 1_000, 408)]
    [InlineData(true, 0, 40, 200)]
    [InlineData(true, 0, 1_000, 408)]
    [InlineData(true, 3, 200, 200)]
    public async Task Silence_is_cut_and_a_stream_that_speaks_is_not(bool stream, int partialImages, int milliseconds, int status)
    {
        var body = ABody($"[slow:{milliseconds}]");
        body["stream"] = stream;
        if (stream) body["partial_images"] = partialImages;

        using var response = await PostAsync(Generations, body);

        Assert.Equal(status, (int)response.StatusCode);
        if (status == 408) Assert.Equal("Timeout", (string?)(await JsonAsync(response))["error"]!["code"]);
    }
}
