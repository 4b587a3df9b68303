using Azure;
using Azure.Data.Tables;
using ServerlessImages.Storage;

namespace ServerlessImages.Tables;

/// <summary>Rows as Azure Tables' entities: an integer is an <c>Edm.Int64</c>, a string an <c>Edm.String</c>.</summary>
internal static class EntityRows
{
    public static Row Row(TableEntity entity)
    {
        var columns = new Columns();
        foreach (var (name, value) in entity)
        {
            if (name is "PartitionKey" or "RowKey" or "Timestamp" or "odata.etag") continue;
            if (value is long number) columns.Add(name, number);
            else columns.Add(name, value as string ?? throw new InvalidDataException($"The column {name} of the row {entity.RowKey} is neither an Int64 nor a String."));
        }

        return new Row(entity.PartitionKey, entity.RowKey, columns, Text(entity.ETag));
    }

    public static TableTransactionAction Action(string partition, RowWrite write)
    {
        var entity = new TableEntity(partition, write.Key);
        foreach (var (name, value) in write.Columns) entity[name] = value;
        return write.Kind switch
        {
            RowWriteKind.Insert => new TableTransactionAction(TableTransactionActionType.Add, entity),
            RowWriteKind.Replace => new TableTransactionAction(TableTransactionActionType.UpdateReplace, entity, new ETag(write.ETag)),
            RowWriteKind.Upsert => new TableTransactionAction(TableTransactionActionType.UpsertReplace, entity),
            _ => new TableTransactionAction(TableTransactionActionType.Delete, entity, new ETag(write.ETag)),
        };
    }

    /// <exception cref="InvalidDataException">The service named no version: the write is stored, but its row must be read again.</exception>
    public static string Text(ETag? etag) => etag?.ToString() is { Length: > 0 } text ? text : throw new InvalidDataException("Azure Tables named no ETag.");
}
