namespace ServerlessImages.Simulation.Scheduling;

/// <summary>A process's clock: virtual time, wrong by the process's skew. Timers and timestamps are right: those do not depend on what day it is.</summary>
internal sealed class VirtualClock(Scheduler scheduler, VirtualProcess process, TimeSpan skew) : TimeProvider
{
    /// <summary>Every model that is sold has a price then; and soon an hour, a day and a month end at once, in the midst of most histories.</summary>
    public static DateTimeOffset Start { get; } = new(2026, 11, 30, 23, 57, 0, TimeSpan.Zero);

    public override long TimestampFrequency => TimeSpan.MicrosecondsPerSecond;

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    public override DateTimeOffset GetUtcNow() => Start + scheduler.Elapsed + skew;

    public override long GetTimestamp() => scheduler.Microseconds;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new VirtualTimer(scheduler, process, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    private sealed class VirtualTimer(Scheduler scheduler, VirtualProcess process, TimerCallback callback, object? state) : ITimer
    {
        private int version;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            if (period != Timeout.InfiniteTimeSpan) throw new NotSupportedException("Nothing in Core uses a timer that repeats.");
            version++;
            if (dueTime == Timeout.InfiniteTimeSpan) return true;

            var set = version;
            scheduler.In(dueTime, process, _ => Fire(set));
            return true;
        }

        public void Dispose() => version++;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        private void Fire(int set)
        {
            if (set == version) callback(state);
        }
    }
}
