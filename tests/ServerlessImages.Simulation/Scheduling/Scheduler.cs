namespace ServerlessImages.Simulation.Scheduling;

/// <summary>
/// Virtual time. Everything that happens in a history is an event in one queue, taken in the order of its time, and of its arrival among equals; one thread
/// runs them all, so that the same seed is the same history.
/// </summary>
internal sealed class Scheduler(Verdict verdict)
{
    // Time in the upper bits, 50 days of it, order of arrival in the lower ones: one comparison of two numbers.
    private const int ArrivalBits = 21;

    /// <summary>A history that needs more has gone round in circles: ten times what the longest take.</summary>
    private const int EventsMax = (1 << ArrivalBits) - 1;

    private readonly PriorityQueue<Event, long> events = new();
    private readonly int thread = Environment.CurrentManagedThreadId;
    private long arrivals;

    /// <summary>Since the beginning of the history, in microseconds.</summary>
    public long Microseconds { get; private set; }

    public TimeSpan Elapsed => TimeSpan.FromMicroseconds(Microseconds);

    public int Count { get; private set; }

    public void In(TimeSpan delay, VirtualProcess process, SendOrPostCallback action, object? state = null) =>
        At(Microseconds + Math.Max(0, delay.Ticks / TimeSpan.TicksPerMicrosecond), process, action, state);

    public void At(long microseconds, VirtualProcess process, SendOrPostCallback action, object? state = null)
    {
        if (Environment.CurrentManagedThreadId != thread) verdict.Fail("nothing escapes the scheduler", "Another thread did something, so the same seed would not be the same history.");
        if (++arrivals > EventsMax) verdict.Fail("the history ends", $"It did not within {EventsMax:N0} events.");
        events.Enqueue(new(process, action, state), (microseconds << ArrivalBits) | arrivals);
    }

    /// <summary>Runs what is due until then; time stands there afterwards.</summary>
    public void RunUntil(TimeSpan end)
    {
        var last = end.Ticks / TimeSpan.TicksPerMicrosecond;
        while (!verdict.HasFailed && events.TryPeek(out var next, out var priority) && priority >> ArrivalBits <= last)
        {
            events.Dequeue();
            Microseconds = priority >> ArrivalBits;
            next.Process.Run(next.Action, next.State);
            Count++;
        }

        Microseconds = Math.Max(Microseconds, last);
    }

    private readonly record struct Event(VirtualProcess Process, SendOrPostCallback Action, object? State);
}
