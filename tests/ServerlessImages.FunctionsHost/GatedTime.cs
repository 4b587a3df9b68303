using System.Threading.Channels;

namespace ServerlessImages.FunctionsHost;

/// <summary>A clock on which a wait ends when the test says so, and no sooner or later.</summary>
internal sealed class GatedTime : TimeProvider
{
    private readonly Channel<Wait> waits = Channel.CreateUnbounded<Wait>();

    /// <summary>Waits until somebody waits.</summary>
    /// <returns>Ends that wait.</returns>
    public async Task<Action> NextWaitAsync(CancellationToken cancel) => (await waits.Reader.ReadAsync(cancel)).End;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var wait = new Wait(() => callback(state));
        waits.Writer.TryWrite(wait);
        return wait;
    }

    private sealed record Wait(Action End) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
            // It is in nobody's way.
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
