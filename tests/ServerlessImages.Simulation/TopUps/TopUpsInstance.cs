using ServerlessImages.Accounts;
using ServerlessImages.Billing;
using ServerlessImages.Ledger;
using ServerlessImages.Simulation.Scheduling;
using ServerlessImages.Simulation.Stores;

namespace ServerlessImages.Simulation.TopUps;

/// <summary>One process: the ledger and all of billing as it is, on virtual time.</summary>
internal sealed class TopUpsInstance
{
    private readonly TopUpsHistory history;
    private readonly SeededRandom random;
    private readonly VirtualClock clock;
    private readonly SweepPayments sweep;

    public TopUpsInstance(TopUpsHistory history, int number, TimeSpan skew, SeededRandom random, SimulatedStripe stripe)
    {
        (this.history, this.random) = (history, random);
        Process = new VirtualProcess(history.Scheduler, $"instance {number}");
        clock = new VirtualClock(history.Scheduler, Process, history.Epoch + skew);
        var tables = new FaultyTables(history.Tables, new Weather(history.Plan.Tables, history, new SeededRandom(random.Fork())), Process, history.Network, () => history.Called(this));
        var entropy = new SeededEntropy(new SeededRandom(random.Fork()), number);
        Stripe = new StripeConnection(stripe, history, this, new SeededRandom(random.Fork()));
        var open = new OpenPartitions(tables, clock);
        Ledger = new AccountLedger(tables, open, clock, entropy);

        var accounts = new AccountDirectory(tables, TopUpsHistory.Plans, clock);
        var inbox = new BillingInbox(tables, clock);
        var customers = new Customers(tables, Stripe, clock);
        var grant = new GrantPayment(Ledger, accounts, customers, inbox);
        var topUps = new AutoTopUps(tables);
        TopUp = new TopUpAutomatically(topUps, customers, grant, Ledger, accounts, Stripe, clock);
        var postpaid = new PostpaidAccounts(tables);
        var none = new NoSubscriptions();
        var sync = new SyncPostpaid(customers, postpaid, new PostpaidLimits(postpaid, Ledger), new InvoiceRecords(tables), new ClosePeriods(Ledger, postpaid, tables, clock, none), new SendMeterEvents(Ledger, open, tables, clock, entropy), Ledger, none, new BillingOptions(), clock);
        Credit = new CreditCheckout(grant, TopUp, sync);
        Start = new StartCheckout(customers, Stripe, new BillingOptions(), entropy, clock);
        Handle = new HandleEvents(inbox, Stripe, Credit, TopUp, new TakeBackPayment(Ledger, accounts, grant, new DisputeStops(tables, Ledger), Stripe), sync, none, clock);
        sweep = new SweepPayments(inbox, Handle, Credit, topUps, TopUp, postpaid, sync, Stripe, clock);
        Process.In(random.UpTo(history.Plan.SweepEvery), () => _ = SweepWhileRunningAsync());
    }

    public VirtualProcess Process { get; }
    public StripeConnection Stripe { get; }
    public AccountLedger Ledger { get; }
    public TopUpAutomatically TopUp { get; }
    public CreditCheckout Credit { get; }
    public StartCheckout Start { get; }
    public HandleEvents Handle { get; }

    private async Task SweepWhileRunningAsync()
    {
        while (true)
        {
            try
            {
                await sweep.RunAsync((what, cause) => history.CheckFault(what, cause), CancellationToken.None);
            }
            catch (Exception cause)
            {
                history.CheckFault("the sweep", cause);
            }

            await Task.Delay((history.IsAtRest ? TopUpsHistory.RestSweepEvery : history.Plan.SweepEvery) * (0.5 + random.Fraction()), clock);
        }
    }
}
