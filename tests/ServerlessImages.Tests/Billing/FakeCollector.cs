using ServerlessImages.Billing;
using ServerlessImages.Ledger;

namespace ServerlessImages.Tests.Billing;

/// <summary>A collector that keeps what it was sent, and answers as it is told to.</summary>
internal sealed class FakeCollector : IUsageCollector
{
    public List<UsageRecord> Recorded { get; } = [];
    public List<UsageRecord> Invoiced { get; } = [];

    /// <summary>By what was sent; what it does not say is delivered.</summary>
    public Func<UsageRecord, Task<CollectorAnswer>> Answer { get; set; } = _ => Task.FromResult(CollectorAnswer.Delivered);

    /// <summary>What it counts for an hour.</summary>
    public Money? Total { get; set; }

    public int Asked { get; private set; }

    public Task<CollectorAnswer> RecordAsync(UsageRecord usage, CancellationToken cancel)
    {
        Recorded.Add(usage);
        return Answer(usage);
    }

    public Task<CollectorAnswer> InvoiceAsync(UsageRecord usage, CancellationToken cancel)
    {
        Invoiced.Add(usage);
        return Answer(usage);
    }

    public Task<Money?> FindTotalAsync(string account, LedgerHour hour, CancellationToken cancel)
    {
        Asked++;
        return Task.FromResult(Total);
    }
}
