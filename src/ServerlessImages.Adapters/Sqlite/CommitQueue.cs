using ServerlessImages.Storage;

namespace ServerlessImages.Sqlite;

/// <summary>Everything that waits goes to the disk together: the busier it is, the more commits share one sync.</summary>
internal sealed class CommitQueue : IAsyncDisposable
{
    /// <summary>Bounds the time that the first of a batch waits for the last: 256 commits are some 15 ms.</summary>
    private const int BatchMax = 256;

    private readonly WorkQueue<PendingCommit> waiting = new();
    private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SqliteWriter writer;

    public CommitQueue(SqliteWriter writer)
    {
        this.writer = writer;

        // Its own thread: it waits for the disk most of the time, and the pool may have only two.
        new Thread(WriteAll) { IsBackground = true, Name = "Tables to disk" }.Start();
    }

    /// <exception cref="ObjectDisposedException">The store was closed; nothing was applied.</exception>
    public Task<CommitResult> CommitAsync(PendingCommit pending)
    {
        waiting.Add(pending);
        return pending.Answer;
    }

    /// <summary>Writes what still waits, then ends.</summary>
    public async ValueTask DisposeAsync()
    {
        waiting.Close();
        await ended.Task;
        writer.Dispose();
    }

    private void WriteAll()
    {
        var batch = new List<PendingCommit>(BatchMax);
        while (waiting.Take(out var first))
        {
            batch.Add(first);
            while (batch.Count < BatchMax && waiting.TryTake(out var pending)) batch.Add(pending);
            Write(batch);
            batch.Clear();
        }

        ended.SetResult();
    }

    private void Write(List<PendingCommit> batch)
    {
        try
        {
            writer.Write(batch);
        }
        catch (Exception failure)
        {
            // Whatever it was, the callers must hear of it and the loop must go on: it is the only one.
            foreach (var pending in batch) pending.Tell(new WriteFateUnknownException("SQLite could not tell whether the writes are stored.", failure));
            return;
        }

        foreach (var pending in batch) pending.Tell();
    }
}
