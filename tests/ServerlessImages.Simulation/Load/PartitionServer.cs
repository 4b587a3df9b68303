using ServerlessImages.Simulation.Scheduling;
using ServerlessImages.Simulation.Stores;
using ServerlessImages.Storage;

namespace ServerlessImages.Simulation.Load;

/// <summary>
/// The pace of Azure Tables, without its faults: the rows of a partition are served one after the other, 2,000 a second, and each call is some milliseconds
/// under way. Source: learn.microsoft.com/azure/storage/tables/scalability-targets.
/// </summary>
internal sealed class PartitionServer(Scheduler scheduler, TableModel tables, SeededRandom random)
{
    private const long MicrosecondsPerRow = 500;
    private static readonly TimeSpan OneWayLeast = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan OneWayMean = TimeSpan.FromMilliseconds(2);
    private readonly VirtualProcess network = new(scheduler, "network");
    private readonly Dictionary<string, long> freeAt = [];

    /// <summary>Transactions of the ledger that were sent, whatever came of them.</summary>
    public int Transactions { get; private set; }

    /// <summary>Those of them that met a row that another instance had changed.</summary>
    public int Conflicts { get; private set; }

    public int Reads { get; private set; }

    private TableModel Tables => tables;

    public ITableStore For(VirtualProcess process) => new Connection(this, process);

    private Task<T> ServeAsync<T>(VirtualProcess process, string partition, int rows, Func<T> serve)
    {
        var answer = new Answer<T>(process, CancellationToken.None);
        network.In(OneWay, () =>
        {
            var begins = Math.Max(scheduler.Microseconds, freeAt.GetValueOrDefault(partition));
            freeAt[partition] = begins + (rows * MicrosecondsPerRow);
            network.In(TimeSpan.FromMicroseconds(freeAt[partition] - scheduler.Microseconds), () => answer.Arrive(OneWay, serve()));
        });
        return answer.Task;
    }

    private TimeSpan OneWay => OneWayLeast + random.Exponential(OneWayMean);

    private CommitResult Commit(string table, string partition, IReadOnlyList<RowWrite> writes)
    {
        var result = Tables.Apply(table, partition, writes);
        if (table != TableNames.Ledger) return result;
        Transactions++;
        if (!result.Applied) Conflicts++;
        return result;
    }

    private Row? Find(string table, string partition, string key)
    {
        if (table == TableNames.Ledger) Reads++;
        return Tables.Find(table, partition, key);
    }

    private sealed class Connection(PartitionServer server, VirtualProcess process) : ITableStore
    {
        public Task<Row?> FindAsync(string table, string partition, string key, CancellationToken cancel) =>
            server.ServeAsync(process, table + partition, rows: 1, () => server.Find(table, partition, key));

        public Task<IReadOnlyList<Row>> RangeAsync(string table, string partition, string from, string to, int limit, CancellationToken cancel) =>
            server.ServeAsync<IReadOnlyList<Row>>(process, table + partition, rows: 1, () => server.Tables.Range(table, partition, from, to, limit));

        public Task<CommitResult> CommitAsync(string table, string partition, IReadOnlyList<RowWrite> writes, CancellationToken cancel) =>
            server.ServeAsync(process, table + partition, writes.Count, () => server.Commit(table, partition, writes));
    }
}
