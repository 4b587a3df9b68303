namespace ServerlessImages.Simulation.Scheduling;

/// <summary>
/// One process: the context to which every continuation of its code comes back. Killing it drops all of them, as <c>kill -9</c> does; what it has sent to a
/// store or an upstream lives on.
/// </summary>
internal sealed class VirtualProcess(Scheduler scheduler, string name) : SynchronizationContext
{
    private long pausedUntil;

    public string Name => name;

    public bool IsAlive { get; private set; } = true;

    public void Kill() => IsAlive = false;

    /// <summary>Stands still for a while and then goes on as if nothing had been: a long collection, a machine that was moved.</summary>
    public void Pause(TimeSpan duration) => pausedUntil = scheduler.Microseconds + (duration.Ticks / TimeSpan.TicksPerMicrosecond);

    public void In(TimeSpan delay, Action action) => scheduler.In(delay, this, static state => ((Action)state!)(), action);

    public override void Post(SendOrPostCallback d, object? state)
    {
        if (IsAlive) scheduler.At(scheduler.Microseconds, this, d, state);
    }

    public override void Send(SendOrPostCallback d, object? state) => throw new NotSupportedException("Nothing here waits for a thread.");

    /// <summary>Runs an event that has come due. Called by the scheduler alone.</summary>
    public void Run(SendOrPostCallback action, object? state)
    {
        if (!IsAlive) return;
        if (pausedUntil > scheduler.Microseconds)
        {
            scheduler.At(pausedUntil, this, action, state);
            return;
        }

        SetSynchronizationContext(this);
        try
        {
            action(state);
        }
        finally
        {
            SetSynchronizationContext(null);
        }
    }
}
