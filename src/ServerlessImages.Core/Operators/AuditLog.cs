using System.Globalization;
using ServerlessImages.Storage;

namespace ServerlessImages.Operators;

/// <summary>
/// What operators did: the table <c>audit</c>. PartitionKey is <c>log</c>, for these acts are few; RowKey is the act's time counted down and its id, so that the
/// newest come first.
/// </summary>
/// <remarks>An act is written before it is done, and once more when it is: one that a crash cut off is in the log as <c>begun</c>.</remarks>
public sealed class AuditLog(ITableStore store, IEntropy entropy, TimeProvider clock)
{
    private const string Partition = "log";
    private const int RowsPerPage = 500;
    private const int LookedAtMax = 5_000;

    /// <summary>Writes the act down, does it, and writes down what came of it.</summary>
    /// <param name="doAsync">Told the id of the act's line.</param>
    /// <param name="outcome">What to write of the result: no secret.</param>
    /// <exception cref="WriteFateUnknownException">Nothing was done.</exception>
    public async Task<T> RunAsync<T>(OperatorAct act, Func<string, Task<T>> doAsync, Func<T, string> outcome, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        var id = entropy.NextId("act_", now);
        var row = string.Create(CultureInfo.InvariantCulture, $"{long.MaxValue - now.UtcTicks:D19}|{id}");
        var begun = new AuditRecord(id, now, act, AuditOutcome.Begun, "");
        var written = await store.CommitAsync(TableNames.Audit, Partition, [RowWrite.Insert(row, begun.ToColumns())], cancel);

        // From here on it goes to its end: what is done must not stand there as begun because its caller hung up.
        var result = await DoAsync();
        await EndAsync(row, begun with { Outcome = AuditOutcome.Done, Result = outcome(result) }, written.ETags[0]);
        return result;

        async Task<T> DoAsync()
        {
            try
            {
                return await doAsync(id);
            }
            catch
            {
                await EndAsync(row, begun with { Outcome = AuditOutcome.Failed }, written.ETags[0]);
                throw;
            }
        }
    }

    /// <summary>A page of acts, newest first.</summary>
    /// <param name="accountId">Only what was done to that one: found by looking through the log, some thousand acts for a page. Null for all.</param>
    /// <param name="after">The cursor of the page before, or "".</param>
    /// <exception cref="StoreUnavailableException">The store could not be asked.</exception>
    public async Task<AuditPage> PageAsync(string? accountId, string after, int limit, CancellationToken cancel)
    {
        var (found, looked) = (new List<AuditRecord>(), 0);
        while (looked < LookedAtMax)
        {
            var rows = await store.RangeAsync(TableNames.Audit, Partition, after + "!", "~", accountId is null ? limit + 1 : RowsPerPage, cancel);
            foreach (var row in rows)
            {
                var record = AuditRecord.From(row.Columns);
                if (accountId is not null && record.Act.AccountId != accountId) continue;
                if (found.Count == limit) return new(found, after);
                found.Add(record);
                after = row.Key;
            }

            if (rows.Count < (accountId is null ? limit + 1 : RowsPerPage)) return new(found, null);
            (after, looked) = (rows[^1].Key, looked + rows.Count);
        }

        return new(found, after);
    }

    private async Task EndAsync(string row, AuditRecord after, string etag)
    {
        try
        {
            await store.CommitAsync(TableNames.Audit, Partition, [RowWrite.Replace(row, after.ToColumns(), etag)], CancellationToken.None);
        }
#pragma warning disable CA1031 // An operator who is told that it failed does it once more: a second grant.
        catch (Exception)
#pragma warning restore CA1031
        {
            // The act stands as begun, which is true of what is known; the ledger and the tables say what was done.
        }
    }
}

/// <param name="NextCursor">Null at the end. A page can be short, or empty, and have one.</param>
public sealed record AuditPage(IReadOnlyList<AuditRecord> Acts, string? NextCursor);
