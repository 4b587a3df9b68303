using ServerlessImages.Ledger;

namespace ServerlessImages.Usage;

/// <param name="Lines">By start, then by the groups' values. Where nothing was charged there is no line.</param>
/// <param name="ThroughSequence">The last ledger entry that is in it: all of them when it was asked for.</param>
public sealed record UsageReport(UsageQuery Query, IReadOnlyList<UsageLine> Lines, UsageSums Total, long ThroughSequence);

/// <param name="End">The first hour that is not in it.</param>
/// <param name="Values">One for each dimension that was grouped by; "" where there is none.</param>
public sealed record UsageLine(LedgerHour Start, LedgerHour End, IReadOnlyList<string> Values, UsageSums Sums);
