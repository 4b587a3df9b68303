using Microsoft.Data.Sqlite;

namespace ServerlessImages.Sqlite;

/// <summary>The data file: its schema, its connections, and the lock that keeps a second process out.</summary>
/// <remarks>
/// <c>rows</c> has one row per stored row, in the order of its keys; SQLite compares text as UTF-8 bytes, which is the ordinal order for all
/// keys but those beyond the basic plane. <c>sequence</c> holds the last version that was given out, so that none is given twice.
/// </remarks>
internal sealed class SqliteFile : IDisposable
{
    private const string Schema = """
        CREATE TABLE IF NOT EXISTS rows (tbl TEXT NOT NULL, pk TEXT NOT NULL, rk TEXT NOT NULL, etag INTEGER NOT NULL, columns BLOB NOT NULL,
            PRIMARY KEY (tbl, pk, rk)) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS sequence (id INTEGER PRIMARY KEY CHECK (id = 1), last INTEGER NOT NULL);
        INSERT OR IGNORE INTO sequence VALUES (1, 0);
        """;

    private readonly string path;
    private readonly FileStream processLock;

    /// <exception cref="InvalidOperationException">Another process has the file open.</exception>
    public SqliteFile(string path)
    {
        this.path = Path.GetFullPath(path);
        Directory.CreateDirectory(Path.GetDirectoryName(this.path)!);
        processLock = Lock(this.path);
        try
        {
            using var connection = OpenWriter();
            Run(connection, Schema);
        }
        catch
        {
            processLock.Dispose();
            throw;
        }
    }

    /// <summary>A commit is on the disk when it returns: WAL with a sync per transaction.</summary>
    public SqliteConnection OpenWriter() => Open("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");

    /// <summary>Readers see the last commit and neither wait for the writer nor make it wait.</summary>
    public SqliteConnection OpenReader() => Open("PRAGMA query_only = 1;");

    /// <summary>Moves what the log holds into the file, so that the file alone is the data.</summary>
    public void Checkpoint()
    {
        using var connection = OpenWriter();
        Run(connection, "PRAGMA wal_checkpoint(TRUNCATE);");
    }

    public void Dispose() => processLock.Dispose();

    private SqliteConnection Open(string pragmas)
    {
        var address = new SqliteConnectionStringBuilder { DataSource = path, Pooling = false, DefaultTimeout = 5 };
        var connection = new SqliteConnection(address.ToString());
        try
        {
            connection.Open();
            Run(connection, "PRAGMA busy_timeout = 5000; " + pragmas);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private static void Run(SqliteConnection connection, string statements)
    {
        using var command = connection.CreateCommand();
        command.CommandText = statements;
        command.ExecuteNonQuery();
    }

    /// <summary>An operating system's lock, which ends with the process however that ends. The lock file itself stays.</summary>
    private static FileStream Lock(string path)
    {
        try
        {
            return new FileStream(path + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException inUse) when (inUse.GetType() == typeof(IOException))
        {
            throw new InvalidOperationException($"The data file {path} is already in use by another process.", inUse);
        }
    }
}
