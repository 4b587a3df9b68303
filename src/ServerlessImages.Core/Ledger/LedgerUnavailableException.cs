namespace ServerlessImages.Ledger;

/// <summary>The store failed for longer than the operation could wait. What was asked for may or may not have happened; the partition's rows will tell.</summary>
public sealed class LedgerUnavailableException(string message, Exception? cause) : Exception(message, cause);
