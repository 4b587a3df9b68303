using ServerlessImages.Storage;

namespace ServerlessImages.Tests.Storage;

/// <summary>What every work queue promises. Run in process and on Azurite, so that neither can drift. Real time: Azurite has no other.</summary>
public abstract class WorkQueueContract
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(10);

    /// <summary>Of a test's own, and empty.</summary>
    private protected abstract Task<(IWorkQueue Queue, string Name)> QueueAsync();

    [Fact]
    public async Task What_was_sent_is_handed_out_once_with_every_character()
    {
        var (queue, name) = await QueueAsync();
        const string Text = "acct_1 Grüße, 世界 🎨 <&\"\r\n\u0001";
        await queue.SendAsync(name, Text, TimeSpan.Zero, Cancel);

        var message = await NextAsync(queue, name, Long);

        Assert.Equal((name, Text, 1), (message.Queue, message.Text, message.Deliveries));
        await NothingAsync(queue, name);
    }

    [Fact]
    public async Task What_is_done_never_comes_again()
    {
        var (queue, name) = await QueueAsync();
        await queue.SendAsync(name, "1", TimeSpan.Zero, Cancel);

        await queue.DoneAsync(await NextAsync(queue, name, TimeSpan.FromSeconds(1)), Cancel);

        await NothingAsync(queue, name, TimeSpan.FromSeconds(1.5));
    }

    [Fact]
    public async Task What_is_not_done_comes_again_and_only_the_last_receipt_ends_it()
    {
        var (queue, name) = await QueueAsync();
        await queue.SendAsync(name, "1", TimeSpan.Zero, Cancel);

        var first = await NextAsync(queue, name, TimeSpan.FromSeconds(1));
        var second = await NextAsync(queue, name, TimeSpan.FromSeconds(1));
        await queue.DoneAsync(first, Cancel);
        var third = await NextAsync(queue, name, TimeSpan.FromSeconds(1));
        await queue.DoneAsync(third, Cancel);

        Assert.Equal((2, 3), (second.Deliveries, third.Deliveries));
        await NothingAsync(queue, name, TimeSpan.FromSeconds(1.5));
    }

    [Fact]
    public async Task What_is_delayed_comes_late_and_what_was_sent_after_it_before()
    {
        var (queue, name) = await QueueAsync();
        await queue.SendAsync(name, "late", TimeSpan.FromSeconds(1), Cancel);
        await queue.SendAsync(name, "soon", TimeSpan.Zero, Cancel);

        Assert.Equal("soon", (await NextAsync(queue, name, Long)).Text);
        Assert.Equal("late", (await NextAsync(queue, name, Long)).Text);
    }

    [Fact]
    public async Task Of_two_readers_each_message_has_one()
    {
        var (queue, name) = await QueueAsync();
        var sent = Enumerable.Range(0, 6).Select(number => $"{number}").ToArray();
        foreach (var text in sent) await queue.SendAsync(name, text, TimeSpan.Zero, Cancel);

        var read = await Task.WhenAll(Enumerable.Range(0, 2).Select(async _ => new[] { await NextAsync(queue, name, Long), await NextAsync(queue, name, Long), await NextAsync(queue, name, Long) }));

        Assert.Equal(sent, read.SelectMany(each => each).Select(each => each.Text).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_message_or_a_delay_beyond_the_limits_is_refused()
    {
        var (queue, name) = await QueueAsync();
        await queue.SendAsync(name, new string('x', QueueNames.MessageBytesMax), QueueNames.DelayMax, Cancel);

        await Assert.ThrowsAsync<ArgumentException>(async () => await queue.SendAsync(name, new string('é', QueueNames.MessageBytesMax), TimeSpan.Zero, Cancel));
        await Assert.ThrowsAsync<ArgumentException>(async () => await queue.SendAsync(name, "1", QueueNames.DelayMax + TimeSpan.FromSeconds(1), Cancel));
    }

    private protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static async Task<WorkMessage> NextAsync(IWorkQueue queue, string name, TimeSpan hiddenFor)
    {
        using var tooLate = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        tooLate.CancelAfter(TimeSpan.FromSeconds(30));
        await foreach (var message in queue.ReadAsync(name, hiddenFor, tooLate.Token)) return message;
        throw new InvalidOperationException("A queue is read until it is cancelled.");
    }

    private static async Task NothingAsync(IWorkQueue queue, string name, TimeSpan? within = null)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        enough.CancelAfter(within ?? TimeSpan.FromSeconds(0.5));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var message in queue.ReadAsync(name, Long, enough.Token)) Assert.Fail($"There was {message}.");
        });
    }
}
