using ServerlessImages.Abuse;
using ServerlessImages.Accounts;
using ServerlessImages.Images;
using ServerlessImages.Jobs;
using ServerlessImages.Keys;
using ServerlessImages.Ledger;
using ServerlessImages.Pricing;
using ServerlessImages.Simulation.Scheduling;
using ServerlessImages.Simulation.Stores;

namespace ServerlessImages.Simulation.World;

/// <summary>One running process of the product: Core as it is, put together as the API puts it together, on virtual time and faulty stores.</summary>
internal sealed class Instance
{
    private readonly History history;
    private readonly ExpireHolds expireHolds;
    private readonly RunJobs runJobs;
    private readonly SeededRandom random;

    public Instance(History history, int number, TimeSpan skew)
    {
        this.history = history;
        Number = number;
        Process = new VirtualProcess(history.Scheduler, $"instance {number}");
        Clock = new VirtualClock(history.Scheduler, Process, skew);
        random = new SeededRandom(history.Random.Fork());
        var entropy = new SeededEntropy(new SeededRandom(random.Fork()), number);
        var tables = new FaultyTables(history.Tables, new Weather(history.Plan.Tables, history, new SeededRandom(random.Fork())), Process, history.Network, () => history.Written(this));
        var blobs = new FaultyBlobs(history.Blobs, new Weather(history.Plan.Blobs, history, new SeededRandom(random.Fork())), Process, history.Network, () => history.Written(this));
        var options = history.Plan.Options;

        Keys = new ApiKeyDirectory(tables, Clock);
        KeyList = new KeyList(tables, Keys);
        var open = new OpenPartitions(tables, Clock);
        Ledger = new AccountLedger(tables, open, Clock, entropy);
        var results = new ImageResults(blobs, Clock);
        var jobs = new JobLedger(Ledger, tables);
        var closeExpired = new CloseExpiredHold(Ledger, jobs, results);
        var follow = new FollowRequest(Ledger, results, closeExpired, Clock);
        Pending = new PendingAnswers(Ledger, Clock, options);
        Quotes = new Quotes(new PriceList(Catalog.Prices, null, Clock), Catalog.Peppers, Clock);
        var model = new FanOut(new VirtualUpstream(history.Plan.Upstream, Clock, new SeededRandom(random.Fork())));
        var times = new ExpectedTimes(new DirectTables(history.Tables), Clock);
        var draw = new DrawImages(Ledger, model, results, times, Catalog.Peppers, Catalog.Ladder, new StruckAccounts(tables, Ledger, Clock), Clock, options);
        var orders = new JobOrders(tables, blobs, Catalog.Models, Clock, entropy);
        var openRequest = new OpenRequest(Ledger, Keys, follow, Pending, Catalog.Ladder, Clock, options, history.Plan.Jobs);
        var queue = new SimulatedQueue(history, Process, history.QueueRandom);
        Generate = new GenerateImages(Catalog.BlockList, Quotes, openRequest, draw, Ledger, jobs, orders, times, options, history.Plan.Jobs);
        Find = new FindRequest(Ledger, jobs, results);
        Accept = new AcceptJob(Catalog.BlockList, Quotes, openRequest, orders, queue);
        Cancel = new CancelJob(new EndWaitingJobs(Ledger, jobs, orders), Find);
        runJobs = new RunJobs(Ledger, jobs, orders, draw, closeExpired, new AccountDirectory(tables, history.Plans, Clock), Keys, new PriceList(Catalog.Prices, null, Clock), queue, Clock, options);
        Delete = new DeleteResult(Ledger, results);
        expireHolds = new ExpireHolds(Ledger, open, closeExpired, new SweepJobs(jobs, orders, queue, Clock), Clock);
        Process.In(random.UpTo(history.Plan.SweepEvery), () => _ = SweepWhileRunningAsync());
    }

    public int Number { get; }
    public VirtualProcess Process { get; }
    public VirtualClock Clock { get; }
    public AccountLedger Ledger { get; }
    public ApiKeyDirectory Keys { get; }
    public KeyList KeyList { get; }
    public PendingAnswers Pending { get; }
    public Quotes Quotes { get; }
    public GenerateImages Generate { get; }
    public FindRequest Find { get; }
    public DeleteResult Delete { get; }
    public AcceptJob Accept { get; }
    public CancelJob Cancel { get; }

    /// <summary>What the process is answering: all of it breaks off when it dies.</summary>
    public HashSet<Attempt> Attempts { get; } = [];

    /// <summary>Whether it ever stood still: then its callers may have waited for longer than anything takes.</summary>
    public bool HasPaused { get; private set; }

    public void Pause(TimeSpan duration)
    {
        HasPaused = true;
        Process.Pause(duration);
    }

    /// <summary>A message has come.</summary>
    public async Task RunJobAsync(JobMessage message)
    {
        try
        {
            await runJobs.RunAsync(message, CancellationToken.None);
        }
        catch (Exception cause)
        {
            history.CheckFault($"the job {message}", cause);
        }
    }

    /// <summary>Once over all partitions.</summary>
    public async Task SweepAsync()
    {
        try
        {
            await expireHolds.RunAsync((partition, cause) => history.CheckFault($"the sweep of {partition}", cause), CancellationToken.None);
        }
        catch (Exception cause)
        {
            history.CheckFault("the sweep", cause);
        }
    }

    private async Task SweepWhileRunningAsync()
    {
        while (!history.IsAtRest)
        {
            await SweepAsync();
            await Task.Delay(history.Plan.SweepEvery * (0.5 + random.Fraction()), Clock);
        }
    }
}
