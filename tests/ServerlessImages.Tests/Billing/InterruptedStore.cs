using ServerlessImages.Storage;

namespace ServerlessImages.Tests.Billing;

/// <summary>A store in which time passes between two steps of whoever uses it: what a test gives is done once, just after a call to a partition.</summary>
internal sealed class InterruptedStore(ITableStore store) : ITableStore
{
    private readonly List<(string Partition, bool IsWrite, Func<Task> Work)> interruptions = [];

    public void AfterRead(string partition, Func<Task> work) => interruptions.Add((partition, IsWrite: false, work));

    public void AfterWrite(string partition, Func<Task> work) => interruptions.Add((partition, IsWrite: true, work));

    public async Task<Row?> FindAsync(string table, string partition, string key, CancellationToken cancel)
    {
        var found = await store.FindAsync(table, partition, key, cancel);
        await InterruptAsync(partition, isWrite: false);
        return found;
    }

    public async Task<IReadOnlyList<Row>> RangeAsync(string table, string partition, string from, string to, int limit, CancellationToken cancel)
    {
        var found = await store.RangeAsync(table, partition, from, to, limit, cancel);
        await InterruptAsync(partition, isWrite: false);
        return found;
    }

    public async Task<CommitResult> CommitAsync(string table, string partition, IReadOnlyList<RowWrite> writes, CancellationToken cancel)
    {
        var done = await store.CommitAsync(table, partition, writes, cancel);
        await InterruptAsync(partition, isWrite: true);
        return done;
    }

    private async Task InterruptAsync(string partition, bool isWrite)
    {
        var index = interruptions.FindIndex(each => each.Partition == partition && each.IsWrite == isWrite);
        if (index < 0) return;
        var work = interruptions[index].Work;
        interruptions.RemoveAt(index);
        await work();
    }
}
