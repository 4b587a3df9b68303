namespace ServerlessImages.Books;

/// <summary>Two places that should say the same and do not: an incident, with the row by its key.</summary>
/// <param name="Code">Which check, such as <c>image_missing</c>: see <c>docs/money.md</c>.</param>
/// <param name="CollectorRow">Where the ledger is held against the collector, what it is called there; else "". Found is what the collector says then.</param>
public sealed record Difference(string Code, string Row, string Expected, string Found, string CollectorRow = "");
