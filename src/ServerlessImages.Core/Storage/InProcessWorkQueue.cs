using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.CompilerServices;

namespace ServerlessImages.Storage;

/// <summary>Queues of one process. What is in them ends with it: the sweepers find the rows, as they do where a message is lost.</summary>
public sealed class InProcessWorkQueue(TimeProvider clock) : IWorkQueue
{
    private readonly ConcurrentDictionary<string, Line> lines = new(StringComparer.Ordinal);
    private long lastId;

    public Task SendAsync(string queue, string message, TimeSpan delay, CancellationToken cancel)
    {
        QueueNames.Check(message, delay);
        cancel.ThrowIfCancellationRequested();
        var id = Interlocked.Increment(ref lastId).ToString(CultureInfo.InvariantCulture);
        LineOf(queue).Add(new Waiting(id, message, clock.GetUtcNow() + delay));
        return Task.CompletedTask;
    }

    public async IAsyncEnumerable<WorkMessage> ReadAsync(string queue, TimeSpan hiddenFor, [EnumeratorCancellation] CancellationToken cancel)
    {
        var line = LineOf(queue);
        while (true)
        {
            cancel.ThrowIfCancellationRequested();
            var (taken, next, changed) = line.Take(clock.GetUtcNow(), hiddenFor);
            if (taken is not null) yield return new WorkMessage(queue, taken.Text, taken.Deliveries, taken.Id, taken.Receipt);
            else await WaitAsync(next, changed, cancel);
        }
    }

    public Task DoneAsync(WorkMessage message, CancellationToken cancel)
    {
        LineOf(message.Queue).Remove(message.Id, message.Receipt);
        return Task.CompletedTask;
    }

    /// <summary>Until the next message is due, or another one comes.</summary>
    private async Task WaitAsync(DateTimeOffset? next, Task changed, CancellationToken cancel)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var wait = next is { } at ? TimeSpan.FromMilliseconds(Math.Ceiling(Math.Max(0, (at - clock.GetUtcNow()).TotalMilliseconds))) : Timeout.InfiniteTimeSpan;
        await Task.WhenAny(changed, Task.Delay(wait, clock, ended.Token));
        await ended.CancelAsync();
    }

    private Line LineOf(string queue) => lines.GetOrAdd(queue, _ => new Line());

    private sealed record Waiting(string Id, string Text, DateTimeOffset DueAt, int Deliveries = 0)
    {
        public string Receipt => Deliveries.ToString(CultureInfo.InvariantCulture);
    }

    private sealed class Line
    {
        private readonly Lock gate = new();
        private readonly List<Waiting> waiting = [];
        private TaskCompletionSource changed = NewSignal();

        public void Add(Waiting message)
        {
            lock (gate)
            {
                waiting.Add(message);
                changed.SetResult();
                changed = NewSignal();
            }
        }

        /// <returns>The first message that is due, and hides it; else when the next one is, and what ends when another comes.</returns>
        public (Waiting? Taken, DateTimeOffset? Next, Task Changed) Take(DateTimeOffset now, TimeSpan hiddenFor)
        {
            lock (gate)
            {
                var index = waiting.FindIndex(each => each.DueAt <= now);
                if (index < 0) return (null, waiting.Count == 0 ? null : waiting.Min(each => each.DueAt), changed.Task);
                var taken = waiting[index] with { DueAt = now + hiddenFor, Deliveries = waiting[index].Deliveries + 1 };
                waiting[index] = taken;
                return (taken, null, changed.Task);
            }
        }

        public void Remove(string id, string receipt)
        {
            lock (gate) waiting.RemoveAll(each => each.Id == id && each.Receipt == receipt);
        }

        private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
