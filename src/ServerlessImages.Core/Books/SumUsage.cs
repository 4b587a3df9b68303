using ServerlessImages.Ledger;
using ServerlessImages.Usage;

namespace ServerlessImages.Books;

/// <summary>Adds up the usage that customers read, to be held against what the entries say.</summary>
public sealed class SumUsage(UsageRollups rollups)
{
    public async Task<UsageTotal> RunAsync(LedgerPartition partition, CancellationToken cancel)
    {
        try
        {
            while (!await rollups.AdvanceAsync(partition, cancel))
            {
                // It goes on from where it was.
            }
        }
        catch (InvalidDataException)
        {
            // An entry is missing, which the books have named already.
            return UsageTotal.Unknown;
        }

        var before = await rollups.CursorAsync(partition, cancel);
        var total = await rollups.TotalAsync(partition, cancel);

        // Somebody reads usage just now: the sum is of no one moment, and the next night has another.
        return await rollups.CursorAsync(partition, cancel) == before ? new UsageTotal(before, total) : UsageTotal.Unknown;
    }
}

/// <param name="Sequence">The last entry that is in the sum.</param>
public sealed record UsageTotal(long Sequence, Money Charged)
{
    public static UsageTotal Unknown { get; } = new(Sequence: -1, Money.Zero);

    /// <summary>Where the entries up to that one say something else.</summary>
    public IEnumerable<Difference> Against(LedgerFold through)
    {
        if (through.Sequence == Sequence && through.Settled + through.Owed != Charged) yield return new("usage_total", "C", (through.Settled + through.Owed).ToString(), Charged.ToString());
    }
}
