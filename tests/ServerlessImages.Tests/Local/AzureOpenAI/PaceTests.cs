using Microsoft.Extensions.Time.Testing;
using ServerlessImages.Local.AzureOpenAI;

namespace ServerlessImages.Tests.Local.AzureOpenAI;

public sealed class PaceTests : EmulatorTest
{
    private static readonly DateTimeOffset Start = new(2026, 11, 23, 12, 0, 20, TimeSpan.Zero);
    private readonly FakeTimeProvider time = new(Start);

    protected override AzureOpenAIEmulatorOptions Options => new() { Deployments = Deployments, Latency = TimeSpan.FromSeconds(4), Time = time, RequestsPerMinute = 2 };

    [Fact]
    public async Task Partial_images_are_spread_over_the_latency()
    {
        var body = ABody();
        body["stream"] = true;
        body["partial_images"] = 1;
        using var request = new HttpRequestMessage(HttpMethod.Post, Generations) { Content = System.Net.Http.Json.JsonContent.Create(body) };
        using var response = await Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancel);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(Cancel));

        Assert.InRange(await SecondsUntilAsync(reader.ReadLineAsync(Cancel).AsTask()), 2, double.MaxValue);
        Assert.InRange(await SecondsUntilAsync(reader.ReadToEndAsync(Cancel)), 4, double.MaxValue);
    }

    [Fact]
    public async Task A_slow_prompt_takes_that_much_longer() =>
        Assert.InRange(await SecondsUntilAsync(PostAsync(Generations, ABody("[slow:3000]"))), 7, double.MaxValue);

    [Fact]
    public async Task A_caller_that_goes_away_is_counted()
    {
        using var hangUp = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var call = Http.PostAsync(new Uri(Generations, UriKind.Relative), System.Net.Http.Json.JsonContent.Create(ABody()), hangUp.Token);
        while (Emulator.ImagesDrawn == 0) await Task.Delay(1, Cancel);

        await hangUp.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        while (Emulator.CancelledCalls == 0) await Task.Delay(1, Cancel);
        Assert.Equal((1, 1), (Emulator.Calls, Emulator.CancelledCalls));
    }

    [Fact]
    public async Task More_calls_than_a_minute_allows_are_told_when_the_next_begins()
    {
        await ErrorOfAsync(Generations, ABody("[500]"));
        await ErrorOfAsync(Generations, ABody("[500]"));
        using var third = await PostAsync(Generations, ABody("[500]"));
        time.Advance(TimeSpan.FromSeconds(40));
        using var fourth = await PostAsync(Generations, ABody("[500]"));

        Assert.Equal((429, TimeSpan.FromSeconds(40)), ((int)third.StatusCode, third.Headers.RetryAfter?.Delta));
        Assert.Equal((500, "1"), ((int)fourth.StatusCode, fourth.Headers.GetValues("x-ratelimit-remaining-requests").Single()));
    }

    /// <summary>Moves the clock on until it happens, and says how far.</summary>
    private async Task<double> SecondsUntilAsync(Task happens)
    {
        while (!happens.IsCompleted)
        {
            time.Advance(TimeSpan.FromMilliseconds(100));
            await Task.WhenAny(happens, Task.Delay(1, Cancel));
        }

        await happens;
        return (time.GetUtcNow() - Start).TotalSeconds;
    }
}
