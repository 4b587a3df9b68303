using System.Globalization;
using Microsoft.Data.Sqlite;
using ServerlessImages.Storage;

namespace ServerlessImages.Sqlite;

/// <summary>One connection for reading, with its two statements prepared. One caller at a time.</summary>
internal sealed class SqliteReader : IDisposable
{
    private readonly SqliteConnection connection;
    private readonly SqliteStatement find;
    private readonly SqliteStatement range;

    public SqliteReader(SqliteConnection connection)
    {
        this.connection = connection;
        find = new SqliteStatement(connection, "SELECT rk, columns, etag FROM rows WHERE tbl = $1 AND pk = $2 AND rk = $3", 3);
        range = new SqliteStatement(connection, "SELECT rk, columns, etag FROM rows WHERE tbl = $1 AND pk = $2 AND rk >= $3 AND rk < $4 ORDER BY rk LIMIT $5", 5);
    }

    public Row? Find(string table, string partition, string key)
    {
        using var reader = find.Query(table, partition, key);
        return reader.Read() ? RowAt(reader, partition) : null;
    }

    public IReadOnlyList<Row> Range(string table, string partition, string from, string to, int limit)
    {
        var rows = new List<Row>();
        using var reader = range.Query(table, partition, from, to, (long)limit);
        while (reader.Read()) rows.Add(RowAt(reader, partition));
        return rows;
    }

    public void Dispose()
    {
        find.Dispose();
        range.Dispose();
        connection.Dispose();
    }

    private static Row RowAt(SqliteDataReader reader, string partition) =>
        new(partition, reader.GetString(0), ColumnsJson.Read(reader.GetFieldValue<byte[]>(1)), reader.GetInt64(2).ToString(CultureInfo.InvariantCulture));
}
