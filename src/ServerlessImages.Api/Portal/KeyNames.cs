using ServerlessImages.Keys;
using ServerlessImages.Ledger;

namespace ServerlessImages.Api.Portal;

/// <summary>What keys are called: each a point read, and mostly none, since the directory remembers them.</summary>
internal sealed class KeyNames(ApiKeyDirectory keys)
{
    /// <returns>Names by id; of a key without one, or of another account's, the id.</returns>
    public async Task<IReadOnlyDictionary<string, string>> OfAsync(LedgerPartition partition, IEnumerable<string> ids, CancellationToken cancel)
    {
        var found = await Task.WhenAll(ids.Distinct(StringComparer.Ordinal).Select(async id => (Id: id, Key: ApiKeyText.IsKeyId(id) ? await keys.FindAsync(id, cancel) : null)));
        return found.ToDictionary(each => each.Id, each => each.Key is { Name.Length: > 0 } key && key.Partition == partition ? key.Name : each.Id, StringComparer.Ordinal);
    }
}
