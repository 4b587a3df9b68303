namespace ServerlessImages.Accounts;

/// <summary>The party that pays.</summary>
/// <param name="Id"><c>acct_…</c></param>
public sealed record Account(string Id, string Name, string Plan, DateTimeOffset Created);
