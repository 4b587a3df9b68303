using ServerlessImages.Images;
using ServerlessImages.Simulation.Invariants;

namespace ServerlessImages.Simulation.World;

/// <summary>What happened, so that a report shows that something did.</summary>
internal sealed class HistoryCounts
{
    public long Commits { get; set; }
    public long Kills { get; set; }
    public long Calls { get; private set; }
    public long Delivered { get; private set; }
    public long Replayed { get; private set; }
    public long Charges { get; set; }
    public long Voids { get; private set; }
    public long Expiries { get; private set; }
    public long Late { get; private set; }

    /// <summary>Jobs whose callers were told their ids.</summary>
    public long Jobs { get; set; }

    public long Cancelled { get; set; }

    /// <summary>How often a worker began a job that another had begun before.</summary>
    public long BegunAgain { get; set; }

    /// <summary>Rows of events.</summary>
    public long Events { get; private set; }

    /// <summary>Grants of which something expired.</summary>
    public long GrantsExpired { get; private set; }

    /// <summary>Hours that the collector took as meter events.</summary>
    public long HoursReported { get; set; }

    /// <summary>Reports that it had already.</summary>
    public long HoursRepeated { get; set; }

    /// <summary>How often it was asked for an hour's total.</summary>
    public long HoursAsked { get; set; }

    public long HoursInvoiced { get; private set; }

    /// <summary>Items that make up for what invoices counted too little or too much.</summary>
    public long Differences { get; private set; }

    public long InvoicesFinal { get; set; }

    public void Invoiced(string identifier)
    {
        if (identifier.EndsWith(":difference", StringComparison.Ordinal)) Differences++;
        else HoursInvoiced++;
    }

    public long Payments { get; set; }

    /// <summary>Cards that were charged, or tried, while their owner was away.</summary>
    public long AutomaticCharges { get; set; }

    /// <summary>Refunds and disputes.</summary>
    public long Returns { get; set; }

    public long Quarantined { get; set; }

    /// <summary>How often each error was told.</summary>
    public SortedDictionary<string, long> Errors { get; } = new(StringComparer.Ordinal);

    public void Count(Attempt attempt, Generation? images, ApiError? error)
    {
        Calls++;
        if (error is not null) Errors[error.Code] = Errors.GetValueOrDefault(error.Code) + 1;
        if (images is null) return;
        Delivered++;
        if (!attempt.Holds.Contains(images.RequestId)) Replayed++;
    }

    public void Count(AccountBooks books)
    {
        Charges += books.Entries.Values.Count(entry => entry.IsSettled);
        Late += books.Entries.Values.Count(entry => entry.Type == "Late");
        Voids += books.Entries.Values.Count(entry => entry.Type == "Void");
        Events += books.Events;
        GrantsExpired += books.Promotions.Values.Count(promotion => promotion.Expired > 0);
        Expiries += books.Entries.Values.Count(entry => entry.Type == "Expire");
    }

    public void Add(HistoryCounts other)
    {
        Commits += other.Commits;
        Kills += other.Kills;
        Calls += other.Calls;
        Delivered += other.Delivered;
        Replayed += other.Replayed;
        Charges += other.Charges;
        Voids += other.Voids;
        Expiries += other.Expiries;
        Late += other.Late;
        Jobs += other.Jobs;
        Cancelled += other.Cancelled;
        BegunAgain += other.BegunAgain;
        Events += other.Events;
        GrantsExpired += other.GrantsExpired;
        HoursReported += other.HoursReported;
        HoursRepeated += other.HoursRepeated;
        HoursAsked += other.HoursAsked;
        HoursInvoiced += other.HoursInvoiced;
        Differences += other.Differences;
        InvoicesFinal += other.InvoicesFinal;
        Payments += other.Payments;
        AutomaticCharges += other.AutomaticCharges;
        Returns += other.Returns;
        Quarantined += other.Quarantined;
        foreach (var (code, count) in other.Errors) Errors[code] = Errors.GetValueOrDefault(code) + count;
    }
}
