using ServerlessImages.Simulation.Scheduling;
using ServerlessImages.Simulation.World;
using ServerlessImages.Storage;

namespace ServerlessImages.Simulation.Stores;

/// <summary>One process's connection to the tables.</summary>
/// <param name="network">Where what was sent lives on, whatever becomes of the process.</param>
/// <param name="written">Told of each transaction that was applied.</param>
internal sealed class FaultyTables(TableModel model, Weather weather, VirtualProcess process, VirtualProcess network, Action written) : ITableStore
{
    public Task<Row?> FindAsync(string table, string partition, string key, CancellationToken cancel) =>
        ReadAsync(() => model.Find(table, partition, key), cancel);

    public Task<IReadOnlyList<Row>> RangeAsync(string table, string partition, string from, string to, int limit, CancellationToken cancel) =>
        ReadAsync<IReadOnlyList<Row>>(() => model.Range(table, partition, from, to, limit), cancel);

    public Task<CommitResult> CommitAsync(string table, string partition, IReadOnlyList<RowWrite> writes, CancellationToken cancel)
    {
        if (cancel.IsCancellationRequested) return Task.FromCanceled<CommitResult>(cancel);

        // A write that was sent is not called back: its answer says what became of it.
        var answer = new Answer<CommitResult>(process, CancellationToken.None);
        var unknown = new WriteFateUnknownException("simulated: no answer");
        switch (weather.NextWrite())
        {
            case WriteFate.Applied:
                network.In(weather.Latency, () => answer.Arrive(weather.Latency, Apply(table, partition, writes)));
                break;
            case WriteFate.Dropped:
                answer.Fail(weather.Timeout, unknown);
                break;
            case WriteFate.AnswerLost:
                network.In(weather.Latency, () => Apply(table, partition, writes));
                answer.Fail(weather.Timeout, unknown);
                break;
            case WriteFate.AppliedLate:
                network.In(weather.Late, () => Apply(table, partition, writes));
                answer.Fail(weather.Timeout, unknown);
                break;
            case WriteFate.Resent:
                network.In(weather.Latency, () => Apply(table, partition, writes));
                network.In(weather.Resend, () => answer.Arrive(weather.Latency, Apply(table, partition, writes)));
                break;
            case WriteFate.Refused:
                answer.Fail(weather.Latency, new SimulatedFaultException("the login was refused"));
                break;
        }

        return answer.Task;
    }

    private CommitResult Apply(string table, string partition, IReadOnlyList<RowWrite> writes)
    {
        var result = model.Apply(table, partition, writes);
        if (result.Applied) written();
        return result;
    }

    /// <summary>What is read is what is there half-way: when the answer arrives, it may be old.</summary>
    private Task<T> ReadAsync<T>(Func<T> read, CancellationToken cancel)
    {
        if (cancel.IsCancellationRequested) return Task.FromCanceled<T>(cancel);
        var answer = new Answer<T>(process, cancel);
        if (weather.ReadFails()) answer.Fail(weather.Timeout, new StoreUnavailableException("simulated: no answer"));
        else network.In(weather.Latency, () => answer.Arrive(weather.Latency, read()));
        return answer.Task;
    }
}
