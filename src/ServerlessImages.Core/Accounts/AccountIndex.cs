using System.Text;
using ServerlessImages.Storage;

namespace ServerlessImages.Accounts;

/// <summary>
/// All accounts in one place, so that an operator can look through them: the partition <c>index</c> of the table <c>accounts</c>. RowKey is one of
/// <list type="bullet">
/// <item><c>A|{account}</c>: there is an account of this id;</item>
/// <item><c>W|{UTF-8 of the words in lower case, as hex digits}|{account}</c>: it is found by what begins with them. Any letter is a key so, and what words begin with is what keys begin with.</item>
/// </list>
/// </summary>
/// <remarks>By the account's name, and by names and e-mail addresses of those who are or were its members. Written before the account: none is ever missing here, and what is here without an account is passed over.</remarks>
public sealed class AccountIndex(ITableStore store)
{
    private const string Partition = "index";
    private const string IdStart = "A|";
    private const string WordStart = "W|";
    private const int WordsMax = 8;
    private const int BytesMax = 60;

    /// <summary>Adds an account, or more words for one.</summary>
    /// <param name="texts">Found by the beginning of each of their words, with all that follows it.</param>
    public Task AddAsync(string accountId, IEnumerable<string> texts, CancellationToken cancel)
    {
        var words = texts.SelectMany(Beginnings).Select(Hex).Where(hex => hex.Length > 0).Distinct(StringComparer.Ordinal);
        return store.CommitAsync(TableNames.Accounts, Partition, [RowWrite.Upsert(IdStart + accountId, []), .. words.Select(hex => RowWrite.Upsert($"{WordStart}{hex}|{accountId}", []))], cancel);
    }

    /// <summary>A page of the accounts whose id or words begin with a text; of all for "".</summary>
    /// <param name="after">The cursor of the last one of the page before, or "".</param>
    /// <exception cref="StoreUnavailableException">The store could not be asked.</exception>
    public async Task<IReadOnlyList<(string AccountId, string Cursor)>> FindAsync(string text, string after, int limit, CancellationToken cancel)
    {
        var start = text.Length == 0 || Account.IsId(text) ? IdStart + text : WordStart + Hex(text);
        var from = string.CompareOrdinal(after, start) > 0 ? after + "!" : start;
        var rows = await store.RangeAsync(TableNames.Accounts, Partition, from, start + "~", limit, cancel);
        return [.. rows.Select(row => (row.Key[(row.Key.LastIndexOf('|') + 1)..], row.Key))];
    }

    /// <summary>The text, and what is left of it from each later word on.</summary>
    private static IEnumerable<string> Beginnings(string text)
    {
        var words = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return Enumerable.Range(0, Math.Min(words.Length, WordsMax)).Select(first => string.Join(' ', words[first..]));
    }

    private static string Hex(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(string.Join(' ', text.ToLowerInvariant().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)));
        return Convert.ToHexStringLower(bytes.AsSpan(0, Math.Min(bytes.Length, BytesMax)));
    }
}
