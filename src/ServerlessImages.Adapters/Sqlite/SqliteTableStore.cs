using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;
using ServerlessImages.Storage;

namespace ServerlessImages.Sqlite;

/// <summary>Tables in one file on this machine, durable when a commit returns. Every write goes through one writer; reads do not wait for it.</summary>
internal sealed class SqliteTableStore : ITableStore, IAsyncDisposable
{
    private readonly SqliteFile file;
    private readonly CommitQueue commits;
    private readonly ConcurrentBag<SqliteReader> idleReaders = [];
    private int disposed;

    /// <exception cref="InvalidOperationException">Another process has the file open.</exception>
    public SqliteTableStore(string path)
    {
        file = new SqliteFile(path);
        commits = new CommitQueue(new SqliteWriter(file.OpenWriter()));
    }

    public Task<Row?> FindAsync(string table, string partition, string key, CancellationToken cancel) =>
        ReadAsync(reader => reader.Find(table, partition, key), cancel);

    public Task<IReadOnlyList<Row>> RangeAsync(string table, string partition, string from, string to, int limit, CancellationToken cancel) =>
        ReadAsync(reader => reader.Range(table, partition, from, to, limit), cancel);

    public Task<CommitResult> CommitAsync(string table, string partition, IReadOnlyList<RowWrite> writes, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        return commits.CommitAsync(new PendingCommit(table, partition, writes));
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref disposed, 1) != 0) return;
        await commits.DisposeAsync();
        while (idleReaders.TryTake(out var reader)) reader.Dispose();
        file.Checkpoint();
        file.Dispose();
    }

    // A read takes microseconds from the page cache: a thread of its own would cost more than it frees.
    private Task<T> ReadAsync<T>(Func<SqliteReader, T> read, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        ObjectDisposedException.ThrowIf(disposed != 0, this);
        try
        {
            return Task.FromResult(ReadWithIdleReader(read));
        }
        catch (SqliteException failure)
        {
            throw new StoreUnavailableException("SQLite could not be read.", failure);
        }
    }

    private T ReadWithIdleReader<T>(Func<SqliteReader, T> read)
    {
        var reader = idleReaders.TryTake(out var idle) ? idle : new SqliteReader(file.OpenReader());
        try
        {
            return read(reader);
        }
        finally
        {
            idleReaders.Add(reader);
        }
    }
}
