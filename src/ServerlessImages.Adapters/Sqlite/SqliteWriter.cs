using System.Globalization;
using Microsoft.Data.Sqlite;
using ServerlessImages.Storage;

namespace ServerlessImages.Sqlite;

/// <summary>The one connection that writes: many commits in one SQLite transaction, so that they share one sync of the disk.</summary>
internal sealed class SqliteWriter : IDisposable
{
    private readonly SqliteConnection connection;
    private readonly SqliteStatement begin;
    private readonly SqliteStatement commit;
    private readonly SqliteStatement rollback;
    private readonly SqliteStatement findETag;
    private readonly SqliteStatement put;
    private readonly SqliteStatement delete;
    private readonly SqliteStatement saveSequence;
    private long lastETag;

    public SqliteWriter(SqliteConnection connection)
    {
        this.connection = connection;
        begin = new SqliteStatement(connection, "BEGIN IMMEDIATE");
        commit = new SqliteStatement(connection, "COMMIT");
        rollback = new SqliteStatement(connection, "ROLLBACK");
        findETag = new SqliteStatement(connection, "SELECT etag FROM rows WHERE tbl = $1 AND pk = $2 AND rk = $3", 3);
        put = new SqliteStatement(connection, "INSERT OR REPLACE INTO rows (tbl, pk, rk, etag, columns) VALUES ($1, $2, $3, $4, $5)", 5);
        delete = new SqliteStatement(connection, "DELETE FROM rows WHERE tbl = $1 AND pk = $2 AND rk = $3", 3);
        saveSequence = new SqliteStatement(connection, "UPDATE sequence SET last = $1", 1);
        using var last = new SqliteStatement(connection, "SELECT last FROM sequence");
        lastETag = (long)last.Value()!;
    }

    /// <summary>Decides every commit in the order given, on the state that the ones before it left, and makes them durable together.</summary>
    /// <exception cref="Exception">Whether any of them is stored is not known.</exception>
    public void Write(IReadOnlyList<PendingCommit> commits)
    {
        begin.Run();
        try
        {
            foreach (var pending in commits) pending.Result = Decide(pending);

            // A version that a failed transaction took is skipped, never reused: the counter only moves forward.
            saveSequence.Run(lastETag);
            commit.Run();
        }
        catch
        {
            // Also after a bug: an open transaction would fail every later one.
            TryRollback();
            throw;
        }
    }

    public void Dispose()
    {
        foreach (var statement in new[] { begin, commit, rollback, findETag, put, delete, saveSequence }) statement.Dispose();
        connection.Dispose();
    }

    private CommitResult Decide(PendingCommit pending)
    {
        for (var index = 0; index < pending.Writes.Count; index++)
        {
            var write = pending.Writes[index];
            var refusal = write.RefusalAgainst(StoredETag(pending, write));
            if (refusal != CommitRefusal.None) return CommitResult.Refused(refusal, index);
        }

        var etags = new string[pending.Writes.Count];
        for (var index = 0; index < etags.Length; index++) etags[index] = Apply(pending, index);
        return CommitResult.Done(etags);
    }

    private string? StoredETag(PendingCommit pending, RowWrite write) =>
        write.Kind == RowWriteKind.Upsert ? null
        : findETag.Value(pending.Table, pending.Partition, write.Key) is long stored ? stored.ToString(CultureInfo.InvariantCulture)
        : null;

    private string Apply(PendingCommit pending, int index)
    {
        var write = pending.Writes[index];
        if (write.Kind == RowWriteKind.Delete)
        {
            delete.Run(pending.Table, pending.Partition, write.Key);
            return "";
        }

        lastETag++;
        put.Run(pending.Table, pending.Partition, write.Key, lastETag, pending.Columns[index]);
        return lastETag.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>SQLite has ended the transaction itself after some failures; then there is nothing to roll back.</summary>
    private void TryRollback()
    {
        try
        {
            rollback.Run();
        }
        catch (SqliteException)
        {
            // The next BEGIN tells whether the connection still works.
        }
    }
}
