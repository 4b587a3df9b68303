using ServerlessImages.Simulation.Scheduling;

namespace ServerlessImages.Simulation.Stores;

/// <summary>What a process waits for from outside: an answer that reaches it after a while, or never, when it is dead by then.</summary>
internal sealed class Answer<T>
{
    // Continuations run where the answer arrives, which is the waiting process itself.
    private readonly TaskCompletionSource<T> completion = new();
    private readonly VirtualProcess process;
    private readonly CancellationTokenRegistration registration;

    public Answer(VirtualProcess process, CancellationToken cancel)
    {
        this.process = process;
        if (cancel.CanBeCanceled) registration = cancel.Register(() => completion.TrySetCanceled(cancel));
    }

    public Task<T> Task => completion.Task;

    public void Arrive(TimeSpan delay, T result) => process.In(delay, () =>
    {
        registration.Dispose();
        completion.TrySetResult(result);
    });

    public void Fail(TimeSpan delay, Exception cause) => process.In(delay, () =>
    {
        registration.Dispose();
        completion.TrySetException(cause);
    });
}
