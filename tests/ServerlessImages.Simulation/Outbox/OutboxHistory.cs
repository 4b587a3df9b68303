using ServerlessImages.Accounts;
using ServerlessImages.Billing;
using ServerlessImages.Ledger;
using ServerlessImages.Simulation.Invariants;
using ServerlessImages.Simulation.Scheduling;
using ServerlessImages.Simulation.Stores;
using ServerlessImages.Simulation.World;
using ServerlessImages.Storage;

namespace ServerlessImages.Simulation.Outbox;

/// <summary>
/// Days of a few trusted accounts, a collector that fails in every way, and processes that die between any two steps: at rest each hour's charges are with the
/// collector, once.
/// </summary>
internal sealed class OutboxHistory : IWorld
{
    private const int RowsMax = 10_000;

    /// <summary>Of the seeds of these histories, every other one.</summary>
    private const int PeriodsEvery = 20;

    private static readonly Plan Ample = new("ample", 0, RequestsPerMinute: 600_000, Burst: 10_000, OpenRequestsMax: 10_000, QueueWeight: 1);

    /// <summary>What is quarantined or waits for totals is looked at again within hours, one after the other.</summary>
    private static readonly TimeSpan RestMax = TimeSpan.FromDays(4);

    private readonly SeededRandom random;
    private readonly SimulatedCollector collector;

    /// <summary>Null where nothing is invoiced before all is over.</summary>
    private readonly SimulatedPeriods? periods;
    private StateHash hash = StateHash.Empty;
    private int instancesEver;
    private int steps;

    private OutboxHistory(ulong seed, Trace? trace)
    {
        Trace = trace;
        random = new SeededRandom(seed);
        Plan = OutboxPlan.Draw(random);
        Scheduler = new Scheduler(Verdict);
        trace?.Follow(Scheduler);
        Network = new VirtualProcess(Scheduler, "network");
        Tables = new TableModel(Verdict, Committed);
        collector = new SimulatedCollector(this, new SeededRandom(random.Fork()));
        if (seed % PeriodsEvery == 0) periods = new SimulatedPeriods(this, collector, new SeededRandom(~seed), Plan.Length + RestMax - TimeSpan.FromDays(1));
        Instances = [.. Enumerable.Range(0, Plan.Instances).Select(_ => NewInstance())];
    }

    public OutboxPlan Plan { get; }
    public Verdict Verdict { get; } = new();
    public Scheduler Scheduler { get; }
    public VirtualProcess Network { get; }
    public TableModel Tables { get; }
    public List<OutboxInstance> Instances { get; }
    public HistoryCounts Counts { get; } = new();
    public Trace? Trace { get; }
    public bool IsAtRest { get; private set; }

    public static string AccountId(int number) => $"acct_{number}";

    public static HistoryOutcome Run(ulong seed, Trace? trace)
    {
        var history = new OutboxHistory(seed, trace);
        history.Run();
        return new HistoryOutcome(seed, history.Verdict.Violation, history.Scheduler.Count, history.hash.With(history.Scheduler.Count).Value, history.Counts, history.Plan);
    }

    /// <summary>A write was applied, or the collector called: where the plan says so, the process does not live to learn of it.</summary>
    public void Called(OutboxInstance by)
    {
        if (!IsAtRest && Plan.Kills.Contains(++steps)) Kill(by);
    }

    public void CheckFault(string what, Exception cause)
    {
        Trace?.Add($"{what} failed: {cause.GetType().Name}: {cause.Message}");
        if (!Faults.IsSimulated(cause)) Verdict.Fail("no fault is our own", $"{what}: {cause}");
    }

    private void Run()
    {
        foreach (var account in Accounts)
        {
            for (var number = 0; number < Plan.Charges; number++)
            {
                var amount = new Money(random.Between(1, 50_000));
                Network.In(random.UpTo(Plan.Busy), () => Charge(account, amount));
            }
        }

        Scheduler.RunUntil(Plan.Length);
        IsAtRest = true;
        Scheduler.RunUntil(Plan.Length + RestMax);
        foreach (var account in Accounts.TakeWhile(_ => !Verdict.HasFailed)) CheckAtRest(account);
    }

    private IEnumerable<LedgerPartition> Accounts => Enumerable.Range(0, Plan.Accounts).Select(number => new LedgerPartition(AccountId(number), Livemode: true));

    private void Charge(LedgerPartition account, Money amount)
    {
        var instance = random.Pick(Instances);
        instance.Process.In(TimeSpan.Zero, () => _ = ChargeAsync(instance, account, amount));
    }

    private async Task ChargeAsync(OutboxInstance instance, LedgerPartition account, Money amount)
    {
        try
        {
            await instance.Ledger.SetLimitAsync(account, Money.Dollars(1_000));
            var summary = new RequestSummary("generation", "key", "gpt-image-2", 1, "1024x1024", "low", "png", "gpt-image-2@2026-04-21", new string('f', 64));
            var held = await instance.Ledger.HoldAsync(account, new HoldRequest(instance.Ledger.NextRequestId(), amount, Ample, TimeSpan.FromHours(1), summary));
            if (held.TryGet(out var outcome, out _)) await instance.Ledger.SettleAsync(account, outcome.Hold!, amount, outcome.Hold!.Hold.Close(amount));
        }
        catch (Exception cause)
        {
            CheckFault("a charge", cause);
        }
    }

    /// <summary>I14: per account and hour, what is in the ledger is with the collector.</summary>
    private void CheckAtRest(LedgerPartition account)
    {
        var rows = Tables.Range(TableNames.Ledger, account.Key, "", "~", RowsMax);
        var charged = rows.Where(row => row.Key[0] == 'L' && row.Columns.Text("Type") == "Settle").GroupBy(row => row.Columns.Integer("Hour")).ToDictionary(hour => new LedgerHour(hour.Key), hour => hour.Sum(row => row.Columns.Integer("Amount")));
        foreach (var (hour, sum) in charged)
        {
            var invoiced = periods is null ? collector.Invoiced(account.Account, hour) : sum;
            if (invoiced != sum) Verdict.Fail("what is charged in an hour is invoiced once", $"{account} was charged {sum} in {hour}, and is invoiced {invoiced}.");
            if (rows.Find(row => row.Key == LedgerRows.Delivered(hour))?.Columns.Integer("Value") != sum) Verdict.Fail("what the collector has is known", $"{hour} of {account} has no row that says {sum} is delivered.");
        }

        if (periods is not null) CheckInvoices(account.Account, charged.Values.Sum());
        if (rows.Find(row => row.Key[0] == 'F') is { } waiting) Verdict.Fail("nothing waits for ever", $"{waiting.Key} of {account} does.");
        Counts.Charges += rows.Count(row => row.Key[0] == 'L');
    }

    /// <summary>I14 with periods: over all invoices and items of an account, what is billed is what was charged.</summary>
    private void CheckInvoices(string account, long charged)
    {
        var (billed, items) = (periods!.Billed(account), collector.Items(account));
        if (billed + items != charged) Verdict.Fail("what is charged is billed once, whatever came too late for its invoice", $"{account} was charged {charged}; its invoices counted {billed}, and {items} stand on them by themselves.");
    }

    private void Committed(Commit commit)
    {
        Counts.Commits++;
        hash = hash.With(Scheduler.Microseconds).With(commit.Changes.Count).With(commit.Changes[0].Key);
        Trace?.Add($"{commit.Partition}: {string.Join(' ', commit.Changes.Select(change => (change.After is null ? "-" : change.Before is null ? "+" : "~") + change.Key))}");
    }

    private OutboxInstance NewInstance() => new(this, ++instancesEver, random.Between(-Plan.SkewMax, Plan.SkewMax), new SeededRandom(random.Fork()), collector, periods);

    private void Kill(OutboxInstance instance)
    {
        if (!instance.Process.IsAlive) return;
        Counts.Kills++;
        Trace?.Add($"{instance.Process.Name} dies");
        instance.Process.Kill();
        Network.In(random.UpTo(TimeSpan.FromSeconds(5)), () => Instances[Instances.IndexOf(instance)] = NewInstance());
    }
}

/// <summary>One process: the ledger and the sender as they are, on virtual time.</summary>
internal sealed class OutboxInstance
{
    private readonly OutboxHistory history;
    private readonly SeededRandom random;
    private readonly VirtualClock clock;
    private readonly SendMeterEvents send;
    private readonly PostpaidAccounts? accounts;
    private readonly ClosePeriods? closes;

    public OutboxInstance(OutboxHistory history, int number, TimeSpan skew, SeededRandom random, SimulatedCollector collector, SimulatedPeriods? periods)
    {
        (this.history, this.random) = (history, random);
        Process = new VirtualProcess(history.Scheduler, $"instance {number}");
        clock = new VirtualClock(history.Scheduler, Process, skew);
        var tables = new FaultyTables(history.Tables, new Weather(history.Plan.Tables, history, new SeededRandom(random.Fork())), Process, history.Network, () => history.Called(this));
        var entropy = new SeededEntropy(new SeededRandom(random.Fork()), number);
        var open = new OpenPartitions(tables, clock);
        Ledger = new AccountLedger(tables, open, clock, entropy);
        send = new SendMeterEvents(Ledger, open, tables, clock, entropy, collector.For(this));
        Process.In(random.UpTo(history.Plan.SendEvery), () => _ = SendWhileRunningAsync());
        if (periods is null) return;

        accounts = new PostpaidAccounts(tables);
        closes = new ClosePeriods(Ledger, accounts, tables, clock, collector.For(this));
        Process.In(random.UpTo(history.Plan.SendEvery), () => _ = CloseWhileRunningAsync(collector, periods));
    }

    public VirtualProcess Process { get; }
    public AccountLedger Ledger { get; }

    private async Task CloseWhileRunningAsync(SimulatedCollector collector, SimulatedPeriods periods)
    {
        while (true)
        {
            for (var number = 0; number < history.Plan.Accounts; number++) await TryCloseAsync(collector, periods, OutboxHistory.AccountId(number));
            await Task.Delay(history.Plan.SendEvery * (0.5 + random.Fraction()), clock);
        }
    }

    private async Task TryCloseAsync(SimulatedCollector collector, SimulatedPeriods periods, string account)
    {
        try
        {
            var invoices = await collector.InvoicesAsync(this, periods, account);
            var from = (await accounts!.FindAsync(account, CancellationToken.None))?.Account.OpenFrom ?? default;
            while (PeriodClose.Next(from, [], invoices) is { } close)
            {
                await closes!.RunAsync(account, close, CancellationToken.None);
                from = close.Until;
            }
        }
        catch (CollectorUnavailableException cause)
        {
            history.Trace?.Add($"{Process.Name} cannot conclude {account}: {cause.Message}");
        }
        catch (Exception cause)
        {
            history.CheckFault($"concluding {account}", cause);
        }
    }

    private async Task SendWhileRunningAsync()
    {
        while (true)
        {
            try
            {
                await send.RunAsync((_, _) => { }, (partition, cause) => history.CheckFault($"the usage of {partition}", cause), CancellationToken.None);
            }
            catch (Exception cause)
            {
                history.CheckFault("sending usage", cause);
            }

            await Task.Delay(history.Plan.SendEvery * (0.5 + random.Fraction()), clock);
        }
    }
}
