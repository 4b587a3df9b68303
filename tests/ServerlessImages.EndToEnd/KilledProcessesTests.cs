using System.Globalization;
using ServerlessImages.Billing;
using ServerlessImages.Images;
using ServerlessImages.Ledger;
using ServerlessImages.Local;
using ServerlessImages.Local.AzureOpenAI;
using ServerlessImages.Local.Stripe;
using ServerlessImages.Tests;
using ServerlessImages.Tests.Billing;

namespace ServerlessImages.EndToEnd;

/// <summary>
/// Instances of the product die by SIGKILL, again and again, while callers order at once and for later, repeat, cancel and hang up, a customer's server is told of it, credit is
/// bought, cards are charged and usage is reported. Whatever the moment: what the callers were told, what the ledger says and what Stripe has is the same, to the micro-dollar.
/// </summary>
public sealed class KilledProcessesTests : IAsyncLifetime
{
    private const int InstanceCount = 3;
    private const int CallerCount = 6;
    private const int JobsPercent = 30;
    private const int AutoTopUpCount = 3;
    private const int AnswersBetweenKillsMax = 6;
    private static readonly TimeSpan SweepTimeMax = TimeSpan.FromMinutes(2);
    private static readonly Money Credit = Money.Dollars(1_000);

    /// <summary>By then all holds have expired but those of jobs; the leases of jobs are over, and for so long that the sweeper sends them again.</summary>
    private static readonly TimeSpan Soon = ApiSettings.HoldLifetime + TimeSpan.FromMinutes(2);

    /// <summary>By then usage is a day old, Stripe has forgotten what it was sent, and all that was not heard of is looked through.</summary>
    private static readonly TimeSpan NextDay = TimeSpan.FromHours(26);

    /// <summary>What is answered to whoever is to send again.</summary>
    private static readonly string[] BusyCodes = ["ledger_unavailable", "storage_unavailable", "account_too_busy", "idempotency_in_progress", "still_generating"];

    private readonly long begunAt = TimeProvider.System.GetTimestamp();
    private readonly RunOptions options = RunOptions.FromEnvironment();
    private readonly string folder = Directory.CreateTempSubdirectory("serverlessimages-").FullName;
    private readonly Calls calls;
    private readonly List<Customer> customers = [];
    private readonly List<StripeExchange> reports = [];
    private readonly AheadClock stripeClock = new();
    private Azurite azurite = null!;
    private AzureOpenAIEmulator upstream = null!;
    private StripeEmulator stripe = null!;
    private BackOffice office = null!;
    private Dictionary<string, string?> settings = null!;
    private Instances instances = null!;
    private ToldEvents told = null!;

    public KilledProcessesTests() => calls = new(address => instances.Delivered(address));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        azurite = await Azurite.StartAsync(new AzuriteOptions { InstallFolder = UserCache.Folder("azurite-3.37.0") }, Cancel);
        var model = ModelCatalog.Parse(ModelCatalog.ShippedJson).Models.Single(each => each.Id == ApiSettings.Model);
        upstream = await AzureOpenAIEmulator.StartAsync(new AzureOpenAIEmulatorOptions { Deployments = new Dictionary<string, ModelSpec> { [model.Id] = model }, Latency = TimeSpan.FromMilliseconds(150) }, Cancel);
        var addresses = Instances.FreeAddresses(InstanceCount);
        var behaviour = StripeOptions(addresses[0]);
        stripe = await StripeEmulator.StartAsync(behaviour, Cancel);
        settings = ApiSettings.Of(folder, azurite.ConnectionString, upstream.Endpoint).With(behaviour, stripe.Endpoint);
        instances = new Instances(addresses, settings);
        office = await BackOffice.OpenAsync(settings, ahead: TimeSpan.Zero, Cancel);
        await OpenAccountsAsync(new StripeDesk(office));
        told = await ToldEvents.ListenAsync(office, customers[0], Cancel);
    }

    public async ValueTask DisposeAsync()
    {
        // The instances first: they must not outlive the test, whatever else fails here.
        if (instances is not null) await instances.DisposeAsync();
        if (told is not null) await told.DisposeAsync();
        if (office is not null) await office.DisposeAsync();
        if (stripe is not null) await stripe.DisposeAsync();
        if (upstream is not null) await upstream.DisposeAsync();
        if (azurite is not null) await azurite.DisposeAsync();
        calls.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Whenever_an_instance_is_killed_every_delivery_is_charged_once_and_nothing_else_is()
    {
        Say($"{options.Count} kills, seed {options.Seed} (Kills__Count, Kills__Seed)");

        using var buyer = new Buyer(options.Seed, customers.Where(each => each.Credit > Money.Zero).ToArray(), instances);
        var usage = new PastUsage(office, options.Seed);
        var orders = await OrderWhileInstancesAreKilledAsync(buyer, usage);
        var unfinishedJobs = await CountAsync(office, "J");
        Say($"{instances.Kills} killed, {unfinishedJobs} jobs are left");
        await using var later = await BackOffice.OpenAsync(settings, Soon, Cancel);
        await WaitUntilNoneIsLeftAsync(later, "H");
        var orphans = await CountExpiredAsync();
        Say($"{orphans} holds expired");
        await instances.StartAsync(Cancel);
        await FinishWithTheSameKeysAsync(orders);
        Say($"every key was sent once more");
        await told.WaitAsync(later, SweepTimeMax, Cancel);
        Say($"all was told in {told.Messages} messages");
        var inDoubt = await FinishOnTheNextDayAsync(usage);
        Say($"it is the next day");
        var books = await Task.WhenAll(customers.Select(each => Books.ReadAsync(office, each, Cancel)));
        var reckoning = new Reckoning(orders, books);

        Assert.All(books, each => each.AssertBalanced());
        reckoning.AssertEveryDeliveryIsCharged();
        reckoning.AssertNothingElseIsCharged();
        await reckoning.AssertEveryJobEndedOnceAsync(calls, AnyInstance, Cancel);
        await told.AssertAsync(office, books[0], Cancel);
        await reckoning.AssertEveryChargeHasItsImagesAndReceiptAsync(calls, AnyInstance, await calls.ReadAsync(AnyInstance(), customers[0], ".well-known/jwks.json", Cancel), Cancel);
        foreach (var each in customers.Concat(usage.Customers)) await AssertStripeAgreesAsync(each);
        AssertItWasARealTest(orders, orphans, unfinishedJobs, inDoubt, buyer);
        Tell(orders, books, orphans, reckoning.ChargedUnseen);
    }

    /// <summary>One with credit, one that pays later, and some that are topped up.</summary>
    private async Task OpenAccountsAsync(StripeDesk desk)
    {
        await desk.SetUpAsync(Cancel);
        customers.Add(await office.OpenAccountAsync("acct_credit", Credit, Cancel));
        customers.Add(await office.OpenAccountAsync("acct_later", Money.Zero, Cancel));
        await desk.SubscribeAsync(customers[1], Cancel);
        for (var number = 0; number < AutoTopUpCount; number++)
        {
            customers.Add(await office.OpenAccountAsync(string.Create(CultureInfo.InvariantCulture, $"acct_auto_{number}"), Money.Dollars(20), Cancel));
            await desk.TopUpAutomaticallyAsync(customers[^1], Cancel);
        }
    }

    /// <summary>A Stripe that outlives all kills, takes its time, and announces to one of the instances, again and again if need be.</summary>
    private StripeEmulatorOptions StripeOptions(Uri instance) => new()
    {
        WebhookUrl = new Uri(instance, "stripe/events"),
        WebhookTypes = LocalProduct.WebhookTypes,
        WebhookRetries = [.. Enumerable.Repeat(TimeSpan.FromSeconds(1), 10)],
        Latency = TimeSpan.FromMilliseconds(50),
        Time = stripeClock,
        Record = exchange =>
        {
            lock (reports)
            {
                if (exchange is { Method: "POST", Path: "/v1/billing/meter_events" }) reports.Add(exchange);
            }
        },
    };

    /// <summary>A day later, on Stripe's clock too: and what was left of orders whose jobs never came to be is gone.</summary>
    /// <returns>Of how many hours nobody knew whether they had arrived.</returns>
    private async Task<int> FinishOnTheNextDayAsync(PastUsage usage)
    {
        Customer[] all = [.. customers, .. usage.Customers];
        var waiting = await Task.WhenAll(all.Select(each => office.RowsAsync(each.Partition, "F", Cancel)));
        stripeClock.Ahead = NextDay;
        await using var nextDay = await BackOffice.OpenAsync(settings, NextDay, Cancel);
        await nextDay.FinishWithStripeAsync(all, SweepTimeMax, Cancel);
        foreach (var prefix in (string[])["H", "O"]) await WaitUntilNoneIsLeftAsync(nextDay, prefix);
        return waiting.SelectMany(rows => rows).Count(row => MeterEvent.From(row).FirstTriedAt is not null);
    }

    private async Task AssertStripeAgreesAsync(Customer customer)
    {
        string[] kinds = ["G", "R", "U", "F", "M"];
        var rows = await Task.WhenAll(kinds.Select(kind => office.RowsAsync(customer.Partition, kind, Cancel)));
        var reckoning = new StripeReckoning(customer.Partition.Account, await office.BalanceAsync(customer.Partition, Cancel), [.. rows.SelectMany(each => each)], stripe, BackOffice.Promotion);

        reckoning.AssertPrepaid();
        reckoning.AssertPostpaid();
        Assert.All(reports.ToLookup(each => each.Fields["identifier"], each => each.Fields["payload[value]"]), each => Assert.Single(each.Distinct()));
    }

    private async Task<IReadOnlyList<Order>> OrderWhileInstancesAreKilledAsync(Buyer buyer, PastUsage usage)
    {
        await instances.StartAsync(Cancel);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var callers = Enumerable.Range(0, CallerCount).Select(number => new Caller(number, options.Seed, customers, instances, calls, JobsPercent)).ToArray();
        var ordering = Task.WhenAll(callers.Select(caller => caller.RunAsync(stop.Token)).Concat([buyer.RunAsync(stop.Token), usage.RunAsync(stop.Token)]));
        try
        {
            var random = new Random(options.Seed);
            while (instances.Kills < options.Count - InstanceCount)
            {
                // So that each kill meets work, and not only the start of the one before.
                var enough = calls.Answers + random.Next(1, AnswersBetweenKillsMax);
                while (calls.Answers < enough && !ordering.IsCompleted) await Task.Delay(TimeSpan.FromMilliseconds(5), Cancel);
                await instances.KillOneAsync(random, ordering, Cancel);
            }
        }
        finally
        {
            // Whoever hung up may have left work running: the last kills come before it has ended.
            await stop.CancelAsync();
            await ordering;
        }

        await instances.KillAllAsync();
        return [.. callers.SelectMany(caller => caller.Orders)];
    }

    /// <summary>By the sweeper's own timer, on a clock at which all is due: nobody waits 80 s for that. What it leaves, the books will show.</summary>
    private async Task WaitUntilNoneIsLeftAsync(BackOffice sweeping, string prefix)
    {
        var startedAt = TimeProvider.System.GetTimestamp();
        while (await CountAsync(sweeping, prefix) > 0 && TimeProvider.System.GetElapsedTime(startedAt) < SweepTimeMax) await Task.Delay(TimeSpan.FromMilliseconds(100), Cancel);
    }

    private async Task<int> CountAsync(BackOffice reading, string prefix) =>
        (await Task.WhenAll(customers.Select(each => reading.RowsAsync(each.Partition, prefix, Cancel)))).Sum(rows => rows.Count);

    /// <returns>How many requests the killed processes had left unfinished, for which nobody pays.</returns>
    private async Task<int> CountExpiredAsync()
    {
        var rows = await Task.WhenAll(customers.Select(each => office.RowsAsync(each.Partition, "L", Cancel)));
        return rows.SelectMany(each => each).Count(row => LedgerEntry.From(row).Type == EntryType.Expire);
    }

    /// <summary>
    /// Every order with a key is sent once more, to be answered at once: what was delivered comes again, the same, and what a job drew; what was lost or cancelled is drawn,
    /// or comes from what was stored.
    /// </summary>
    private async Task FinishWithTheSameKeysAsync(IReadOnlyList<Order> orders)
    {
        var keyed = orders.Where(order => order.IsKeyed && order.Steer.Length == 0);
        await Parallel.ForEachAsync(keyed, new ParallelOptions { MaxDegreeOfParallelism = CallerCount, CancellationToken = Cancel }, async (order, cancel) =>
        {
            var startedAt = TimeProvider.System.GetTimestamp();
            var again = await calls.SendAsync(AnyInstance(), order, later: false, cancel);

            // A machine that is busy with all this keeps the store waiting at times, which is said; whoever was told so holds the key until its hold expires.
            while (BusyCodes.Contains(again.RefusalCode) && TimeProvider.System.GetElapsedTime(startedAt) < SweepTimeMax)
            {
                await Task.Delay(TimeSpan.FromSeconds(1), cancel);
                again = await calls.SendAsync(AnyInstance(), order, later: false, cancel);
            }

            Assert.True(again.Delivery is not null, $"{again.Id}: {again.RefusalCode}");
            Assert.Single(order.Deliveries.Distinct());
        });
    }

    private Uri AnyInstance() => instances.Any(Random.Shared);

    /// <summary>Kills that hit nothing would prove nothing.</summary>
    private void AssertItWasARealTest(IReadOnlyList<Order> orders, int orphans, int unfinishedJobs, int inDoubt, Buyer buyer)
    {
        var automatic = stripe.All("payment_intent").Count(each => each["metadata"]!["auto_top_up"] is not null);
        var ends = orders.SelectMany(order => order.Ends).CountBy(end => end.Status, StringComparer.Ordinal).ToDictionary();
        Say($"{orders.Sum(order => order.Jobs.Count())} jobs, of which callers saw the end: {string.Join(", ", ends.Select(each => $"{each.Key} {each.Value}"))}; {told.Messages} messages to the webhook, {told.Repeats} of them for the second time");
        Say($"{buyer.Purchases} purchases, {automatic} automatic top-ups, {reports.Count} reports of usage, of {inDoubt} of which nobody knew whether they had arrived");
        Assert.True(instances.Kills >= options.Count, $"{instances.Kills} kills");
        Assert.True(orphans > 0, "No kill met a request between its hold and its end.");
        Assert.True(unfinishedJobs > 0, "No kill met a job between its hold and its end.");
        Assert.True(inDoubt > 0, "No kill met a report of usage between its intent and its answer.");
        Assert.Contains(orders, order => order.IsKeyed && order.Attempts.Count > 2);
        Assert.All([buyer.Purchases, automatic, reports.Count, told.Messages, ends.Values.Sum()], count => Assert.InRange(count, options.Count / 4, int.MaxValue));
    }

    private void Tell(IReadOnlyList<Order> orders, Books[] books, int orphans, int chargedUnseen)
    {
        var attempts = orders.SelectMany(order => order.Attempts).ToArray();
        var sweptAt = TimeProvider.System.GetUtcNow();
        var charged = new Money(books.Sum(each => each.Balance.Settled.Micros));
        Say($"{instances.Kills} kills: {orders.Count} orders in {attempts.Length} calls, of which {attempts.Count(each => each is { Delivery: null, RefusalCode: null })} broke off");
        Say($"{books.Sum(each => each.Settled.Count())} charges of ${charged}, {chargedUnseen} of them never answered; {orphans} holds expired, and {books.Sum(each => each.Settled.Count(entry => entry.At > sweptAt))} were charged by the sweeper for what was stored");
        Say($"refused: {string.Join(", ", attempts.Select(each => each.RefusalCode).OfType<string>().CountBy(code => code).Select(each => $"{each.Key} {each.Value}"))}");
        foreach (var errors in instances.Errors) Say($"An instance logged: {errors}");
    }

    private void Say(FormattableString text) =>
        TestContext.Current.TestOutputHelper!.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{TimeProvider.System.GetElapsedTime(begunAt).TotalSeconds,5:0.0} s  ") + text.ToString(CultureInfo.InvariantCulture));
}
