using Microsoft.Extensions.Time.Testing;
using ServerlessImages.Storage;

namespace ServerlessImages.Tests.Storage;

public sealed class InProcessWorkQueueTests : WorkQueueContract
{
    private protected override Task<(IWorkQueue Queue, string Name)> QueueAsync() => Task.FromResult<(IWorkQueue, string)>((new InProcessWorkQueue(TimeProvider.System), "q"));

    [Fact]
    public async Task A_reader_that_waits_gets_what_comes_at_once_and_what_is_delayed_in_its_time()
    {
        var clock = new FakeTimeProvider();
        var queue = new InProcessWorkQueue(clock);
        var first = queue.ReadAsync("q", TimeSpan.FromHours(1), Cancel).FirstAsync(Cancel).AsTask();
        await queue.SendAsync("q", "at once", TimeSpan.Zero, Cancel);
        Assert.Equal("at once", (await first).Text);

        await queue.SendAsync("q", "in an hour", TimeSpan.FromHours(1), Cancel);
        var second = queue.ReadAsync("q", TimeSpan.FromHours(9), Cancel).FirstAsync(each => each.Text == "in an hour", Cancel).AsTask();
        Assert.False(second.IsCompleted);
        clock.Advance(TimeSpan.FromHours(1));

        Assert.Equal(1, (await second).Deliveries);
    }
}
