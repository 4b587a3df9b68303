using System.Globalization;
using Microsoft.Data.Sqlite;

namespace ServerlessImages.Sqlite;

/// <summary>A statement prepared once and run many times, with parameters <c>$1</c>, <c>$2</c>, …</summary>
internal sealed class SqliteStatement : IDisposable
{
    private readonly SqliteCommand command;

    public SqliteStatement(SqliteConnection connection, string text, int parameters = 0)
    {
        command = connection.CreateCommand();
        command.CommandText = text;
        for (var number = 1; number <= parameters; number++)
            command.Parameters.Add(new SqliteParameter { ParameterName = string.Create(CultureInfo.InvariantCulture, $"${number}") });
    }

    public void Run(params ReadOnlySpan<object> values)
    {
        Bind(values);
        command.ExecuteNonQuery();
    }

    public SqliteDataReader Query(params ReadOnlySpan<object> values)
    {
        Bind(values);
        return command.ExecuteReader();
    }

    /// <returns>The first column of the first row, or null if there is no row.</returns>
    public object? Value(params ReadOnlySpan<object> values)
    {
        Bind(values);
        return command.ExecuteScalar();
    }

    public void Dispose() => command.Dispose();

    private void Bind(ReadOnlySpan<object> values)
    {
        for (var index = 0; index < values.Length; index++) command.Parameters[index].Value = values[index];
    }
}
