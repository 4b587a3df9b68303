using ServerlessImages.Storage;

namespace ServerlessImages.Sqlite;

/// <summary>A transaction that waits for the writer, and its caller's answer.</summary>
internal sealed class PendingCommit(string table, string partition, IReadOnlyList<RowWrite> writes)
{
    // The caller's code must not run on the writer's loop.
    private readonly TaskCompletionSource<CommitResult> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string Table { get; } = table;
    public string Partition { get; } = partition;
    public IReadOnlyList<RowWrite> Writes { get; } = writes;

    /// <summary>Made on the caller's thread, since the writer is the one that everybody waits for.</summary>
    public IReadOnlyList<byte[]> Columns { get; } = [.. writes.Select(write => write.Kind == RowWriteKind.Delete ? [] : ColumnsJson.Write(write.Columns))];

    /// <summary>What the writer decided; told only once it is on the disk.</summary>
    public CommitResult? Result { get; set; }

    public Task<CommitResult> Answer => answer.Task;

    public void Tell() => answer.SetResult(Result!);

    public void Tell(Exception failure) => answer.SetException(failure);
}
