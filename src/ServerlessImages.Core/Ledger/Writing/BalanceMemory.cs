namespace ServerlessImages.Ledger.Writing;

/// <summary>
/// Whether the balance that this instance remembers is worth trying: how often it lately was still the stored one, the last times weighing most. Where others
/// write the partition as often, most tries would be refused, and reading first is cheaper. Trying costs a transaction and a read where it fails, reading first
/// a read always: so the border is at one half.
/// </summary>
internal sealed class BalanceMemory
{
    private const double Weight = 0.2;
    private double stale;

    public bool IsTrusted => stale < 0.5;

    /// <summary>What a try, or a read, has shown.</summary>
    public void Note(bool wasFresh) => stale += Weight * ((wasFresh ? 0 : 1) - stale);
}
