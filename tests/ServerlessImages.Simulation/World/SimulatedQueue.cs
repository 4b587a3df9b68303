using ServerlessImages.Jobs;
using ServerlessImages.Simulation.Scheduling;
using ServerlessImages.Storage;

namespace ServerlessImages.Simulation.World;

/// <summary>One process's connection to the queue, which hands each message to some process or other: or to none, or to two, or late. A process that dies with one takes it along.</summary>
internal sealed class SimulatedQueue(History history, VirtualProcess process, SeededRandom random) : IWorkQueue
{
    public Task SendAsync(string queue, string message, TimeSpan delay, CancellationToken cancel)
    {
        var answer = new TaskCompletionSource();
        var isLost = !history.IsAtRest && random.Chance(history.Plan.IsCalm ? 0 : 0.1);
        var times = isLost ? 0 : !history.Plan.IsCalm && random.Chance(0.15) ? 2 : 1;
        for (; times > 0; times--) history.Network.In(delay + random.UpTo(TimeSpan.FromMilliseconds(random.Chance(0.05) ? 60_000 : 50)), () => HandOut(message));
        if (isLost && random.Chance(0.3)) process.In(TimeSpan.FromSeconds(1), () => answer.TrySetException(new StoreUnavailableException("simulated: no answer")));
        else process.In(TimeSpan.FromMilliseconds(4), () => answer.TrySetResult());
        return answer.Task;
    }

    public IAsyncEnumerable<WorkMessage> ReadAsync(string queue, TimeSpan hiddenFor, CancellationToken cancel) => throw new NotSupportedException("The host reads the queue.");

    public Task DoneAsync(WorkMessage message, CancellationToken cancel) => throw new NotSupportedException("The host reads the queue.");

    private void HandOut(string message)
    {
        var instance = random.Pick(history.Instances);
        if (instance.Process.IsAlive) instance.Process.In(TimeSpan.Zero, () => _ = instance.RunJobAsync(JobMessage.Parse(message)));
    }
}
