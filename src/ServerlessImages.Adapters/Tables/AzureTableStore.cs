using Azure;
using Azure.Data.Tables;
using ServerlessImages.Storage;

namespace ServerlessImages.Tables;

/// <summary>
/// Azure Tables. Every write is an entity group transaction sent exactly once; what is neither "done" nor a refusal of one row nor
/// a request that the service never began is <see cref="WriteFateUnknownException"/>.
/// </summary>
internal sealed class AzureTableStore(TableServiceClient writer, TableServiceClient reader) : ITableStore
{
    /// <summary>The service's own page size. Source: learn.microsoft.com, "Query timeout and pagination".</summary>
    private const int PageRowsMax = 1_000;

    public async Task<Row?> FindAsync(string table, string partition, string key, CancellationToken cancel)
    {
        try
        {
            var found = await reader.GetTableClient(table).GetEntityIfExistsAsync<TableEntity>(partition, key, cancellationToken: cancel);
            if (found.HasValue) return EntityRows.Row(found.Value!);
            return TableErrors.IsMissingTable(found.GetRawResponse()) ? throw new StoreUnavailableException($"There is no table {table}.") : null;
        }
        catch (Exception failure) when (TableErrors.IsFailedRead(failure, cancel))
        {
            throw new StoreUnavailableException("Azure Tables could not be read.", failure);
        }
    }

    public async Task<IReadOnlyList<Row>> RangeAsync(string table, string partition, string from, string to, int limit, CancellationToken cancel)
    {
        var filter = TableClient.CreateQueryFilter($"PartitionKey eq {partition} and RowKey ge {from} and RowKey lt {to}");
        var rows = new List<Row>();
        try
        {
            // Enumerated by entity: a page may be empty and still not be the last.
            await foreach (var entity in reader.GetTableClient(table).QueryAsync<TableEntity>(filter, Math.Min(limit, PageRowsMax), cancellationToken: cancel))
            {
                rows.Add(EntityRows.Row(entity));
                if (rows.Count == limit) break;
            }

            return rows;
        }
        catch (Exception failure) when (TableErrors.IsFailedRead(failure, cancel))
        {
            throw new StoreUnavailableException("Azure Tables could not be read.", failure);
        }
    }

    public async Task<CommitResult> CommitAsync(string table, string partition, IReadOnlyList<RowWrite> writes, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        var actions = writes.Select(write => EntityRows.Action(partition, write)).ToList();
        try
        {
            var answers = await writer.GetTableClient(table).SubmitTransactionAsync(actions, cancel);
            return CommitResult.Done([.. writes.Zip(answers.Value, ETag)]);
        }
        catch (TableTransactionFailedException failure) when (TableErrors.Refusal(failure, writes.Count) is { } refused)
        {
            return refused;
        }
        catch (Exception failure) when (TableErrors.IsNotLetIn(failure))
        {
            // Nothing was applied, and waiting may help: a token that could not be had, a role that is not there yet.
            throw new StoreUnavailableException("Azure Tables did not let the app in.", failure);
        }
        catch (Exception failure) when (!TableErrors.NothingWasApplied(failure))
        {
            throw new WriteFateUnknownException("Azure Tables did not say whether the writes are stored.", failure);
        }
    }

    private static string ETag(RowWrite write, Response answer) => write.Kind == RowWriteKind.Delete ? "" : EntityRows.Text(answer.Headers.ETag);
}
