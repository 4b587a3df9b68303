using System.Globalization;
using ServerlessImages.Accounts;
using ServerlessImages.Billing;
using ServerlessImages.Ledger;
using ServerlessImages.Simulation.Invariants;
using ServerlessImages.Simulation.Scheduling;
using ServerlessImages.Simulation.Stores;
using ServerlessImages.Simulation.World;

namespace ServerlessImages.Simulation.TopUps;

/// <summary>
/// Days and weeks of a few accounts that buy credit by hand and automatically, a Stripe that fails in every way, and processes that die or stand still between
/// any two steps: each payment is granted once, and no card is charged that should not be.
/// </summary>
internal sealed class TopUpsHistory : IWorld
{
    private const int TriesMax = 6;

    /// <summary>Two days' sweeps, and the longest that a payment is on its way before.</summary>
    private static readonly TimeSpan RestMax = TimeSpan.FromDays(6);

    private static readonly Uri Anywhere = new("https://images.example.com/back");

    private readonly SeededRandom random;
    private readonly SimulatedStripe stripe;
    private readonly List<Account> accounts;
    private StateHash hash = StateHash.Empty;
    private int instancesEver;
    private int steps;
    private bool isIntentWritten;

    private TopUpsHistory(ulong seed, Trace? trace)
    {
        Trace = trace;
        random = new SeededRandom(seed);
        Plan = TopUpsPlan.Draw(random);
        Epoch = new DateTimeOffset(2026, 12, 1, 0, 0, 0, TimeSpan.Zero) - Plan.MonthEnd - VirtualClock.Start;
        Scheduler = new Scheduler(Verdict);
        trace?.Follow(Scheduler);
        Network = new VirtualProcess(Scheduler, "network");
        Tables = new TableModel(Verdict, Committed);
        stripe = new SimulatedStripe(this, new SeededRandom(random.Fork()));
        Invariants = new PaymentInvariants(this, stripe);
        accounts = [.. Plan.Accounts.Select((_, number) => new Account(AccountId(number), "simulated", "standard", Now))];
        foreach (var account in accounts) _ = new AccountDirectory(new DirectTables(Tables), Plans, TimeProvider.System).OpenAsync(account, CancellationToken.None);
        Instances = [.. Enumerable.Range(0, Plan.Instances).Select(_ => NewInstance())];
    }

    public static PlanCatalog Plans { get; } = PlanCatalog.Parse(PlanCatalog.ShippedJson);

    public static TimeSpan RestSweepEvery { get; } = TimeSpan.FromHours(6);

    public TopUpsPlan Plan { get; }

    /// <summary>How far a clock that is right is ahead of the beginning of other histories: this one's month ends when the plan says.</summary>
    public TimeSpan Epoch { get; }

    public Verdict Verdict { get; } = new();
    public Scheduler Scheduler { get; }
    public VirtualProcess Network { get; }
    public TableModel Tables { get; }
    public PaymentInvariants Invariants { get; }
    public List<TopUpsInstance> Instances { get; }
    public HistoryCounts Counts { get; } = new();
    public Trace? Trace { get; }
    public bool IsAtRest { get; private set; }

    /// <summary>By a clock that is right.</summary>
    public DateTimeOffset Now => VirtualClock.Start + Epoch + Scheduler.Elapsed;

    public static string AccountId(int number) => string.Create(CultureInfo.InvariantCulture, $"acct_{number}");

    public static int NumberOf(string accountId) => int.Parse(accountId.AsSpan("acct_".Length), CultureInfo.InvariantCulture);

    public static HistoryOutcome Run(ulong seed, Trace? trace = null)
    {
        var history = new TopUpsHistory(seed, trace);
        history.Run();
        return new HistoryOutcome(seed, history.Verdict.Violation, history.Scheduler.Count, history.hash.With(history.Scheduler.Count).Value, history.Counts, history.Plan);
    }

    /// <summary>A write was applied, or Stripe called: where the plan says so, the process does not live to learn of it, or only much later.</summary>
    public void Called(TopUpsInstance by)
    {
        if (IsAtRest) return;
        if (Plan.Kills.Contains(++steps)) Kill(by);
        else if (Plan.Pauses.TryGetValue(steps, out var duration)) Pause(by, duration);
        else if (isIntentWritten) Asked(by);
    }

    /// <summary>An intent was written or asked for: the answer may be hours old when it is read.</summary>
    public void Asked(TopUpsInstance by)
    {
        if (!IsAtRest && random.Chance(Plan.PausesAtIntents)) Pause(by, random.UpTo(TimeSpan.FromHours(3)));
    }

    public void CheckFault(string what, Exception cause)
    {
        Trace?.Add($"{what} failed: {cause.GetType().Name}: {cause.Message}");
        if (cause is not OperationCanceledException && !Faults.IsSimulated(cause)) Verdict.Fail("no fault is our own", $"{what}: {cause}");
    }

    /// <summary>Tells of an event: at once or late, once or several times, to whichever instance; or never.</summary>
    public void Announce(CollectorEvent happened)
    {
        if (random.Chance(Plan.Stripe.Lost)) return;
        var copies = random.Pick([1, 1, 2, 3]);
        for (var copy = 0; copy < copies; copy++) Send(happened, random.Chance(Plan.Stripe.Late) ? random.UpTo(TimeSpan.FromHours(8)) : random.Exponential(TimeSpan.FromSeconds(2)), tries: 1);
    }

    private void Run()
    {
        for (var number = 0; number < accounts.Count; number++)
        {
            var (account, plan) = (accounts[number], Plan.Accounts[number]);
            for (var turn = 0; turn < plan.Turns.Count; turn++)
            {
                var isOn = turn % 2 == 0;
                Network.In(plan.Turns[turn], () => Act($"the terms of {account.Id}", instance => SetAsync(instance, account, plan, isOn)));
            }

            foreach (var purchase in plan.Purchases) Network.In(purchase.At, () => Buy(account, purchase, tries: 1));
            foreach (var at in plan.Spends) Network.In(at, () => Act($"a request of {account.Id}", instance => SpendAsync(instance, account)));
            if (plan.CustomerDeletedAt is { } deletedAt) Network.In(deletedAt, () => stripe.DeleteCustomerOf(account.Id));
        }

        Scheduler.RunUntil(Plan.Length);
        IsAtRest = true;
        Scheduler.RunUntil(Plan.Length + RestMax);
        if (!Verdict.HasFailed) Invariants.CheckAtRest();
    }

    /// <summary>Has one of the instances do something, or begin to: it may die over it.</summary>
    private void Act(string what, Func<TopUpsInstance, Task> work)
    {
        var instance = random.Pick(Instances);
        instance.Process.In(TimeSpan.Zero, () => _ = TryAsync(what, () => work(instance)));
    }

    private async Task TryAsync(string what, Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (Exception cause)
        {
            CheckFault(what, cause);
        }
    }

    private static Task<AutoTopUp> SetAsync(TopUpsInstance instance, Account account, PayerPlan plan, bool isOn) =>
        instance.TopUp.SetAsync(account.Id, new AutoTopUpTerms(isOn, Money.Dollars(5), plan.Amount, plan.Cap, "key", VirtualClock.Start), CancellationToken.None);

    /// <summary>All that is there, or a part of it, and then what follows every request.</summary>
    private async Task SpendAsync(TopUpsInstance instance, Account account)
    {
        var partition = new LedgerPartition(account.Id, Livemode: true);
        var available = (await instance.Ledger.BalanceAsync(partition, CancellationToken.None)).Available;
        var amount = new Money((long)(available.Micros * random.Pick([0.5, 1, 1])));
        if (amount > Money.Zero)
        {
            var summary = new RequestSummary("generation", "key", "gpt-image-2", 1, "1024x1024", "low", "png", "gpt-image-2@2026-04-21", new string('f', 64));
            var held = await instance.Ledger.HoldAsync(partition, new HoldRequest(instance.Ledger.NextRequestId(), amount, Plans.Get(account.Plan), TimeSpan.FromHours(1), summary));
            if (held.TryGet(out var outcome, out _)) await instance.Ledger.SettleAsync(partition, outcome.Hold!, amount, outcome.Hold!.Hold.Close(amount));
        }

        await instance.TopUp.RunAsync(account.Id, CancellationToken.None);
    }

    private void Buy(Account account, PurchasePlan purchase, int tries)
    {
        var key = string.Create(CultureInfo.InvariantCulture, $"{purchase.At.Ticks}");
        var page = new TaskCompletionSource<Checkout>();
        Act($"a purchase of {account.Id}", async instance =>
        {
            if ((await instance.Start.RunAsync(account, Money.Dollars(purchase.Dollars), key, Anywhere, Anywhere, CancellationToken.None)).TryGet(out var opened, out _)) Network.In(TimeSpan.FromMilliseconds(50), () => page.TrySetResult(opened));
        });
        Network.In(TimeSpan.FromMinutes(3), () =>
        {
            if (page.Task.IsCompletedSuccessfully) Pay(page.Task.Result, purchase);
            else if (tries < TriesMax) Network.In(random.UpTo(TimeSpan.FromMinutes(40)), () => Buy(account, purchase, tries + 1));
        });
    }

    private void Pay(Checkout page, PurchasePlan purchase)
    {
        stripe.Pay(page.Id, purchase);
        if (random.Chance(0.5)) Act($"the return to {page.Id}", async instance => await ReturnAsync(instance, page.Id));
    }

    private static async Task ReturnAsync(TopUpsInstance instance, string pageId)
    {
        if (await instance.Stripe.FindCheckoutAsync(pageId, CancellationToken.None) is { } found) await instance.Credit.RunAsync(found, CancellationToken.None);
    }

    private void Send(CollectorEvent happened, TimeSpan delay, int tries) => Network.In(delay, () =>
    {
        var isTaken = new TaskCompletionSource();
        Act(happened.Id, async instance =>
        {
            await instance.Handle.ReceiveAsync(happened, (each, cause) => CheckFault(each.Id, cause), CancellationToken.None);
            Network.In(TimeSpan.FromMilliseconds(50), () => isTaken.TrySetResult());
        });
        Network.In(TimeSpan.FromSeconds(20), () =>
        {
            if (!isTaken.Task.IsCompleted && tries < TriesMax) Send(happened, TimeSpan.FromHours(tries), tries + 1);
        });
    });

    private void Committed(Commit commit)
    {
        Counts.Commits++;
        hash = hash.With(Scheduler.Microseconds).With(commit.Changes.Count).With(commit.Changes[0].Key);
        Trace?.Add($"{commit.Partition}: {string.Join(' ', commit.Changes.Select(change => (change.After is null ? "-" : change.Before is null ? "+" : "~") + change.Key))}");
        isIntentWritten = commit.Partition == "auto_top_up" && AutoTopUp.From(commit.Changes[0].After!.Columns).State == AutoTopUpState.Charging;
        Invariants?.Check(commit);
    }

    private TopUpsInstance NewInstance() => new(this, ++instancesEver, random.Between(-Plan.SkewMax, Plan.SkewMax), new SeededRandom(random.Fork()), stripe);

    private void Pause(TopUpsInstance instance, TimeSpan duration)
    {
        Trace?.Add($"{instance.Process.Name} stands still for {duration.TotalMinutes:0} min");
        instance.Process.Pause(duration);
    }

    private void Kill(TopUpsInstance instance)
    {
        if (!instance.Process.IsAlive) return;
        Counts.Kills++;
        Trace?.Add($"{instance.Process.Name} dies");
        instance.Process.Kill();
        Network.In(random.UpTo(TimeSpan.FromSeconds(5)), () => Instances[Instances.IndexOf(instance)] = NewInstance());
    }
}
