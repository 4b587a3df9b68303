using ServerlessImages.Storage;

namespace ServerlessImages.Keys;

/// <summary>When keys were last used, to the hour: in the table <c>keys</c>, PartitionKey is the key id and RowKey is <c>U</c>.</summary>
/// <remarks>
/// An instance writes at most once an hour for each key, beside the request and not before it: nobody waits, and a note that is lost is made up for by the next
/// hour's. So what is shown is right to the hour, and two hours behind at most.
/// </remarks>
public sealed class KeyUse(ITableStore store, TimeProvider clock)
{
    internal const string RowKey = "U";
    private const string UsedAt = nameof(UsedAt);
    private static readonly TimeSpan NotedFor = TimeSpan.FromHours(1);
    private readonly ExpiringCache<bool> noted = new(clock, entriesMax: 50_000);

    public void Note(string keyId)
    {
        if (noted.TryGet(keyId, out _)) return;
        noted.Set(keyId, true, NotedFor);
        _ = WriteAsync(keyId);
    }

    internal static DateTimeOffset? From(Row? row) => row is null ? null : DateTimeOffset.FromUnixTimeMilliseconds(row.Columns.Integer(UsedAt));

    private async Task WriteAsync(string keyId)
    {
        try
        {
            await store.CommitAsync(TableNames.Keys, keyId, [RowWrite.Upsert(RowKey, new Columns { { UsedAt, clock.GetUtcNow().ToUnixTimeMilliseconds() } })], CancellationToken.None);
        }
        catch (Exception cause) when (cause is WriteFateUnknownException or StoreUnavailableException)
        {
            // As said above.
        }
    }
}
