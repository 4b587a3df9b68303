using System.Threading.Channels;
using ServerlessImages.Storage;

namespace ServerlessImages.Sqlite;

/// <summary>Everything that waits goes to the disk together: the busier it is, the more commits share one sync.</summary>
internal sealed class CommitQueue : IAsyncDisposable
{
    /// <summary>Bounds the time that the first of a batch waits for the last: 256 commits are some 15 ms.</summary>
    private const int BatchMax = 256;

    private readonly Channel<PendingCommit> waiting = Channel.CreateUnbounded<PendingCommit>(new UnboundedChannelOptions { SingleReader = true });
    private readonly SqliteWriter writer;
    private readonly Task loop;

    public CommitQueue(SqliteWriter writer)
    {
        this.writer = writer;
        loop = Task.Run(WriteAllAsync);
    }

    /// <exception cref="ObjectDisposedException">The store was closed; nothing was applied.</exception>
    public Task<CommitResult> CommitAsync(PendingCommit pending)
    {
        ObjectDisposedException.ThrowIf(!waiting.Writer.TryWrite(pending), typeof(SqliteTableStore));
        return pending.Answer;
    }

    /// <summary>Writes what still waits, then ends.</summary>
    public async ValueTask DisposeAsync()
    {
        waiting.Writer.TryComplete();
        await loop;
        writer.Dispose();
    }

    private async Task WriteAllAsync()
    {
        var batch = new List<PendingCommit>(BatchMax);
        while (await waiting.Reader.WaitToReadAsync())
        {
            while (batch.Count < BatchMax && waiting.Reader.TryRead(out var pending)) batch.Add(pending);
            Write(batch);
            batch.Clear();
        }
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
