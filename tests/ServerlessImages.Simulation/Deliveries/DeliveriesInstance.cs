using ServerlessImages.Events;
using ServerlessImages.Keys;
using ServerlessImages.Ledger;
using ServerlessImages.Simulation.Scheduling;
using ServerlessImages.Simulation.Stores;
using ServerlessImages.Webhooks;

namespace ServerlessImages.Simulation.Deliveries;

/// <summary>One process: the ledger and what delivers its events as they are, on virtual time.</summary>
internal sealed class DeliveriesInstance : IEventHints
{
    private readonly DeliveriesHistory history;
    private readonly SeededRandom random;
    private readonly VirtualClock clock;
    private readonly DeliverEvents deliver;
    private readonly SweepWebhooks sweep;

    public DeliveriesInstance(DeliveriesHistory history, int number, TimeSpan skew, SeededRandom random, SimulatedEndpoints endpoints)
    {
        (this.history, this.random) = (history, random);
        Process = new VirtualProcess(history.Scheduler, $"instance {number}");
        clock = new VirtualClock(history.Scheduler, Process, skew);
        var tables = new FaultyTables(history.Tables, new Weather(history.Plan.Tables, history, new SeededRandom(random.Fork())), Process, history.Network, () => history.Called(this));
        var entropy = new SeededEntropy(new SeededRandom(random.Fork()), number);
        var open = new OpenPartitions(tables, clock);
        var peppers = new Peppers(new Dictionary<int, byte[]> { [1] = new byte[32] });
        var (pending, signer) = (new PendingDeliveries(tables), new WebhookSigner(peppers));
        Ledger = new AccountLedger(tables, open, clock, entropy, this);
        var directory = new WebhookDirectory(tables, pending, open, Ledger);
        Manage = new ManageWebhooks(directory, signer, Ledger, peppers, entropy, clock);
        deliver = new DeliverEvents(directory, pending, new PlanDeliveries(tables, clock), new AttemptDeliveries(tables, directory, signer, endpoints.For(this), clock, entropy), Ledger, this, clock);
        sweep = new SweepWebhooks(directory, pending, open, this, clock);
        Process.In(random.UpTo(history.Plan.SweepEvery), () => _ = SweepWhileRunningAsync());
    }

    public VirtualProcess Process { get; }
    public AccountLedger Ledger { get; }
    public ManageWebhooks Manage { get; }

    public void Hint(LedgerPartition partition, TimeSpan delay) => history.Hint(partition, delay);

    public void Deliver(LedgerPartition partition) => Do($"delivering to {partition}", _ => deliver.RunAsync(partition, (endpoint, cause) => history.CheckFault(endpoint, cause), CancellationToken.None));

    /// <summary>Whatever a store does not answer ends it; whoever wants it done tries again.</summary>
    public void Do(string what, Func<DeliveriesInstance, Task> work)
    {
        Process.In(TimeSpan.Zero, () => _ = TryAsync());

        async Task TryAsync()
        {
            try
            {
                await work(this);
            }
            catch (Exception cause)
            {
                history.CheckFault(what, cause);
            }
        }
    }

    private async Task SweepWhileRunningAsync()
    {
        while (true)
        {
            try
            {
                await sweep.RunAsync((partition, cause) => history.CheckFault($"looking at {partition}", cause), CancellationToken.None);
            }
            catch (Exception cause)
            {
                history.CheckFault("sweeping", cause);
            }

            await Task.Delay(history.Plan.SweepEvery * (0.5 + random.Fraction()), clock);
        }
    }
}
