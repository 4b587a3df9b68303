using ServerlessImages.Ledger;

namespace ServerlessImages.Events;

/// <summary>Hints that an account's events may have to be delivered. The rows are the truth: what is lost here is found by the sweep.</summary>
public interface IEventHints
{
    /// <summary>Never waits and never fails.</summary>
    /// <param name="delay">Not before.</param>
    void Hint(LedgerPartition partition, TimeSpan delay);
}
