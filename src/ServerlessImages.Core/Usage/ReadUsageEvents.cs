using System.Security.Cryptography;
using System.Text;
using ServerlessImages.Ledger;

namespace ServerlessImages.Usage;

/// <summary>The ledger's entries, oldest first and a page at a time, each page proved by the chain before it is given away.</summary>
public sealed class ReadUsageEvents(AccountLedger ledger)
{
    /// <param name="after">The sequence of the last entry that the caller has seen; 0 for none.</param>
    /// <returns>Or <c>invalid_value</c> if there is no such entry yet, <c>ledger_chain_broken</c>.</returns>
    public async Task<Result<UsageEventPage>> RunAsync(LedgerPartition partition, long after, int limit, CancellationToken cancel)
    {
        var balance = await ledger.BalanceAsync(partition, cancel);
        if (after > balance.Sequence) return ApiError.InvalidValue("after", "the sequence of an entry, or 0");

        // With the neighbours on both sides, where there are any: they prove where the page begins and ends.
        var start = Math.Max(after - 1, 0);
        var end = Math.Min(after + limit + 1, balance.Sequence);
        var entries = end > start ? await ledger.EntriesAfterAsync(partition, start, (int)(end - start), cancel) : [];
        if (BrokenAt(entries, start, end, balance) is { } sequence) return ApiError.LedgerChainBroken(sequence) with { Cause = $"The entry {sequence} of {partition} is missing, or was changed, or the one before it was." };

        var page = entries.Where(each => each.Entry.Sequence > after && each.Entry.Sequence <= after + limit).ToArray();
        var headBefore = entries.FirstOrDefault(each => each.Entry.Sequence == after)?.Head ?? EntryChain.Start;
        return new UsageEventPage(page, headBefore, page.Length == 0 ? headBefore : page[^1].Head, Checksum(page), after + page.Length < balance.Sequence);
    }

    /// <summary>Recomputes the heads from the stored columns, up to the balance's own where the entries reach it.</summary>
    /// <returns>The first entry that does not follow from the one before it, or null.</returns>
    private static long? BrokenAt(IReadOnlyList<ChainedEntry> entries, long start, long end, Balance balance)
    {
        var head = start == 0 ? EntryChain.Start : null;
        for (var sequence = start + 1; sequence <= end; sequence++)
        {
            var index = (int)(sequence - start - 1);
            if (index >= entries.Count || entries[index].Entry.Sequence != sequence || (head ?? entries[index].Entry.Previous) != entries[index].Entry.Previous) return sequence;
            head = entries[index].Head;
        }

        return end == balance.Sequence && (head ?? EntryChain.Start) != balance.Head ? end : null;
    }

    private static string Checksum(IEnumerable<ChainedEntry> page) => Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(string.Concat(page.Select(each => each.Head)))));
}

/// <param name="HeadBefore">The head of the chain before the first entry; on an empty page, where it stands.</param>
/// <param name="HeadAfter">The head after the last one.</param>
/// <param name="Checksum">SHA-256 of the heads of its entries, as hex digits one after the other, in hex.</param>
public sealed record UsageEventPage(IReadOnlyList<ChainedEntry> Entries, string HeadBefore, string HeadAfter, string Checksum, bool HasMore);
