using ServerlessImages.Billing;
using ServerlessImages.Ledger;
using ServerlessImages.Simulation.Scheduling;
using ServerlessImages.Simulation.Stores;

namespace ServerlessImages.Simulation.Outbox;

/// <summary>A collector as Stripe is one: it forgets identifiers after 24 hours, takes nothing that is older than 35 days, and its totals lag behind its reports.</summary>
internal sealed class SimulatedCollector(OutboxHistory history, SeededRandom random)
{
    private static readonly TimeSpan IdentifiersKept = TimeSpan.FromHours(24);
    private static readonly TimeSpan AgeMax = TimeSpan.FromDays(35);
    private static readonly TimeSpan ClientTimeout = TimeSpan.FromSeconds(80);

    private readonly Dictionary<string, Money> values = [];
    private readonly Dictionary<string, TimeSpan> receivedAt = [];
    private readonly List<Report> reports = [];
    private readonly Dictionary<string, UsageRecord> invoiceItems = [];
    private readonly HashSet<string> keys = [];
    private readonly Dictionary<string, int> underWay = [];

    public IUsageCollector For(OutboxInstance instance) => new Connection(this, instance);

    /// <summary>All that it will ever invoice of an account's hour.</summary>
    public long Invoiced(string account, LedgerHour hour) =>
        reports.Where(report => report.Account == account && report.Hour == hour).Sum(report => report.Value.Micros)
        + invoiceItems.Values.Where(item => item.Account == account && item.Hour == hour).Sum(item => item.Value.Micros);

    /// <summary>What was reported until now for some hours.</summary>
    public long Reported(string account, LedgerHour from, LedgerHour until) => reports.Where(report => report.Account == account && report.Hour >= from && report.Hour < until).Sum(report => report.Value.Micros);

    /// <summary>All that was put on invoices by itself.</summary>
    public long Items(string account) => invoiceItems.Values.Where(item => item.Account == account).Sum(item => item.Value.Micros);

    /// <summary>An account's invoices, if it answers.</summary>
    /// <exception cref="CollectorUnavailableException">It does not.</exception>
    public Task<IReadOnlyList<UsageInvoice>> InvoicesAsync(OutboxInstance instance, SimulatedPeriods periods, string account)
    {
        var answer = new Answer<IReadOnlyList<UsageInvoice>>(instance.Process, CancellationToken.None);
        if (IsOutage || (!history.IsAtRest && random.Chance(history.Plan.Collector.Dropped))) answer.Fail(ClientTimeout, new CollectorUnavailableException("an outage"));
        else history.Network.In(Latency, () => answer.Arrive(Latency, periods.Of(account)));
        return answer.Task;
    }

    private TimeSpan Now => history.Scheduler.Elapsed;

    private bool IsOutage => !history.IsAtRest && history.Plan.Collector.Outage is { } outage && Now >= outage.From && Now < outage.To;

    private Task<CollectorAnswer> CallAsync(OutboxInstance instance, UsageRecord usage, Func<UsageRecord, CollectorAnswer> take)
    {
        if (!values.TryAdd(usage.Identifier, usage.Value) && values[usage.Identifier] != usage.Value) history.Verdict.Fail("an identifier never has two values", $"{usage.Identifier} came with {values[usage.Identifier]}, and then with {usage.Value}.");
        var isReport = !usage.Identifier.EndsWith(":difference", StringComparison.Ordinal);
        if (isReport && !keys.Add(usage.IdempotencyKey)) history.Verdict.Fail("each attempt has a key of its own", $"{usage.IdempotencyKey} was sent before.");
        history.Trace?.Add($"{instance.Process.Name} sends {usage.IdempotencyKey} with {usage.Value}");
        var answer = new Answer<CollectorAnswer>(instance.Process, CancellationToken.None);
        var rates = history.Plan.Collector;
        var luck = history.IsAtRest ? 1 : random.Fraction();
        if (IsOutage ? luck >= rates.TakenInOutage : (luck -= rates.Dropped) < 0)
        {
            answer.Arrive(ClientTimeout, CollectorAnswer.Unavailable);
        }
        else if (IsOutage || (luck -= rates.AnswerLost) < 0)
        {
            history.Network.In(Latency, () => take(usage));
            answer.Arrive(ClientTimeout, CollectorAnswer.Unavailable);
        }
        else if ((luck - rates.AppliedLate) < 0)
        {
            history.Network.In(random.UpTo(TimeSpan.FromMinutes(2)), () => take(usage));
            answer.Arrive(ClientTimeout, CollectorAnswer.Unavailable);
        }
        else
        {
            history.Network.In(Latency, () => TakeAlone(answer, usage, take, isReport));
        }

        history.Called(instance);
        return answer.Task;
    }

    /// <summary>Stripe takes one call for each customer and meter at a time.</summary>
    private void TakeAlone(Answer<CollectorAnswer> answer, UsageRecord usage, Func<UsageRecord, CollectorAnswer> take, bool isReport)
    {
        if (!isReport)
        {
            answer.Arrive(Latency, take(usage));
            return;
        }

        var others = underWay.GetValueOrDefault(usage.Account);
        if (others > 0 && !history.Plan.IsWild) history.Verdict.Fail("one report of an account is under way at a time", $"{usage.Identifier} came while another was.");
        underWay[usage.Account] = others + 1;
        var latency = Latency;
        history.Network.In(latency, () => underWay[usage.Account]--);
        answer.Arrive(latency, take(usage));
    }

    private CollectorAnswer Record(UsageRecord usage)
    {
        if (VirtualClock.Start + Now - usage.Hour.Start > AgeMax) return CollectorAnswer.Refused("timestamp_too_far_in_past");
        if (Now < history.Plan.Collector.RefusesUntil && usage.Account == OutboxHistory.AccountId(0)) return CollectorAnswer.Refused("meter_event_customer_not_found");
        if (receivedAt.TryGetValue(usage.Identifier, out var at) && Now - at < IdentifiersKept)
        {
            history.Counts.HoursRepeated++;
            return CollectorAnswer.Delivered;
        }

        history.Counts.HoursReported++;
        receivedAt[usage.Identifier] = Now;
        reports.Add(new Report(usage.Account, usage.Hour, usage.Value, Now + random.UpTo(history.Plan.Collector.Lag)));
        return CollectorAnswer.Delivered;
    }

    private CollectorAnswer Invoice(UsageRecord usage)
    {
        if (invoiceItems.TryAdd(usage.Identifier, usage)) history.Counts.Invoiced(usage.Identifier);
        return CollectorAnswer.Delivered;
    }

    private Task<Money?> FindTotalAsync(OutboxInstance instance, string account, LedgerHour hour)
    {
        history.Counts.HoursAsked++;
        var answer = new Answer<Money?>(instance.Process, CancellationToken.None);
        if (IsOutage || (!history.IsAtRest && random.Chance(history.Plan.Collector.Dropped))) answer.Arrive(ClientTimeout, null);
        else history.Network.In(Latency, () => answer.Arrive(Latency, new Money(reports.Where(report => report.Account == account && report.Hour == hour && report.VisibleAt <= Now).Sum(report => report.Value.Micros))));
        return answer.Task;
    }

    private TimeSpan Latency => random.Exponential(TimeSpan.FromMilliseconds(150));

    private sealed record Report(string Account, LedgerHour Hour, Money Value, TimeSpan VisibleAt);

    private sealed class Connection(SimulatedCollector collector, OutboxInstance instance) : IUsageCollector
    {
        public Task<CollectorAnswer> RecordAsync(UsageRecord usage, CancellationToken cancel) => collector.CallAsync(instance, usage, collector.Record);

        public Task<Money?> FindTotalAsync(string account, LedgerHour hour, CancellationToken cancel) => collector.FindTotalAsync(instance, account, hour);

        public Task<CollectorAnswer> InvoiceAsync(UsageRecord usage, CancellationToken cancel) => collector.CallAsync(instance, usage, collector.Invoice);
    }
}
