using ServerlessImages.Billing;
using ServerlessImages.Ledger;
using ServerlessImages.Simulation.Scheduling;

namespace ServerlessImages.Simulation.Outbox;

/// <summary>
/// Invoices as Stripe makes them: at the end of each period a draft, which counts what is reported for that period until it is final, some hours later. What is reported
/// after that is on no invoice, ever.
/// </summary>
internal sealed class SimulatedPeriods
{
    private readonly OutboxHistory history;
    private readonly SimulatedCollector collector;
    private readonly List<Invoice> invoices = [];

    public SimulatedPeriods(OutboxHistory history, SimulatedCollector collector, SeededRandom random, TimeSpan until)
    {
        (this.history, this.collector) = (history, collector);
        // Shorter than Stripe's at times: then the hour before the end is still open when it is final.
        var hours = random.Between(6, 24);
        var grace = random.Chance(0.5) ? random.UpTo(TimeSpan.FromMinutes(10)) : random.Between(TimeSpan.FromHours(1), TimeSpan.FromHours(5));
        var first = LedgerHour.Of(VirtualClock.Start);
        for (var (from, end) = (first, new LedgerHour(first.Number + hours)); ElapsedAt(end) + grace < until; (from, end) = (end, new LedgerHour(end.Number + hours)))
        {
            foreach (var account in Enumerable.Range(0, history.Plan.Accounts).Select(OutboxHistory.AccountId)) Begin(new Invoice(account, from, end), grace);
        }
    }

    /// <summary>All that its invoices counted of what was reported.</summary>
    public long Billed(string account) => invoices.Where(each => each.Account == account).Sum(each => each.Final ?? 0);

    /// <summary>As they are now.</summary>
    public IReadOnlyList<UsageInvoice> Of(string account) => [.. invoices.Where(each => each.Account == account && ElapsedAt(each.Until) <= history.Scheduler.Elapsed).Select(Shown)];

    private void Begin(Invoice invoice, TimeSpan grace)
    {
        invoices.Add(invoice);
        history.Network.In(ElapsedAt(invoice.Until) + grace, () =>
        {
            invoice.Final = collector.Reported(invoice.Account, invoice.From, invoice.Until);
            history.Counts.InvoicesFinal++;
        });
    }

    private UsageInvoice Shown(Invoice invoice) => new(
        $"in_{invoice.Until}",
        "sub",
        invoice.Final is null ? InvoiceStatus.Draft : InvoiceStatus.Open,
        invoice.Until.Start,
        invoice.Until.Start,
        new(invoice.Final ?? collector.Reported(invoice.Account, invoice.From, invoice.Until)),
        Money.Zero)
    {
        EndsPeriod = true,
    };

    private static TimeSpan ElapsedAt(LedgerHour hour) => hour.Start - VirtualClock.Start;

    private sealed record Invoice(string Account, LedgerHour From, LedgerHour Until)
    {
        public long? Final { get; set; }
    }
}
