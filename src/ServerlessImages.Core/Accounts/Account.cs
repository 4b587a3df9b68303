namespace ServerlessImages.Accounts;

/// <summary>The party that pays.</summary>
/// <param name="Id"><c>acct_…</c></param>
public sealed record Account(string Id, string Name, string Plan, DateTimeOffset Created)
{
    /// <summary>When its owner closed it, for good; null if it is open.</summary>
    public DateTimeOffset? ClosedAt { get; init; }

    private const int IdCharactersMax = 64;

    /// <summary>Whether a text from outside can be the id of an account: no other is ever a key of the store.</summary>
    public static bool IsId(string text) => text.StartsWith("acct_", StringComparison.Ordinal) && text.Length <= IdCharactersMax && text.All(letter => char.IsAsciiLetterOrDigit(letter) || letter == '_');
}
