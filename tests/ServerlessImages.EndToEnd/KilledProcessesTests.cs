using System.Globalization;
using ServerlessImages.Images;
using ServerlessImages.Ledger;
using ServerlessImages.Local;
using ServerlessImages.Local.AzureOpenAI;
using ServerlessImages.Tests;

namespace ServerlessImages.EndToEnd;

/// <summary>
/// Instances of the product die by SIGKILL, again and again, while callers order, repeat and hang up. Whatever the moment: what the callers were told and what
/// the ledger says is the same, to the micro-dollar.
/// </summary>
public sealed class KilledProcessesTests : IAsyncLifetime
{
    private const int InstanceCount = 3;
    private const int CallerCount = 6;
    private const int AccountCount = 4;
    private const int AnswersBetweenKillsMax = 6;
    private static readonly TimeSpan SweepTimeMax = TimeSpan.FromMinutes(2);
    private static readonly Money Credit = Money.Dollars(1_000);

    private readonly long begunAt = TimeProvider.System.GetTimestamp();
    private readonly RunOptions options = RunOptions.FromEnvironment();
    private readonly string folder = Directory.CreateTempSubdirectory("serverlessimages-").FullName;
    private readonly Calls calls;
    private readonly List<Customer> customers = [];
    private Azurite azurite = null!;
    private AzureOpenAIEmulator upstream = null!;
    private Dictionary<string, string?> settings = null!;
    private Instances instances = null!;

    public KilledProcessesTests() => calls = new(address => instances.Delivered(address));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        azurite = await Azurite.StartAsync(new AzuriteOptions { InstallFolder = UserCache.Folder("azurite-3.37.0") }, Cancel);
        var model = ModelCatalog.Parse(ModelCatalog.ShippedJson).Models.Single(each => each.Id == ApiSettings.Model);
        upstream = await AzureOpenAIEmulator.StartAsync(new AzureOpenAIEmulatorOptions { Deployments = new Dictionary<string, ModelSpec> { [model.Id] = model }, Latency = TimeSpan.FromMilliseconds(150) }, Cancel);
        settings = ApiSettings.Of(folder, azurite.ConnectionString, upstream.Endpoint);
        instances = new Instances(InstanceCount, settings);
        await using var office = await BackOffice.OpenAsync(settings, ahead: TimeSpan.Zero, Cancel);
        for (var number = 0; number < AccountCount; number++) customers.Add(await office.OpenAccountAsync(string.Create(CultureInfo.InvariantCulture, $"acct_{number}"), Credit, Cancel));
    }

    public async ValueTask DisposeAsync()
    {
        // The instances first: they must not outlive the test, whatever else fails here.
        if (instances is not null) await instances.DisposeAsync();
        if (upstream is not null) await upstream.DisposeAsync();
        if (azurite is not null) await azurite.DisposeAsync();
        calls.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Whenever_an_instance_is_killed_every_delivery_is_charged_once_and_nothing_else_is()
    {
        Say($"{options.Count} kills, seed {options.Seed} (Kills__Count, Kills__Seed)");

        var orders = await OrderWhileInstancesAreKilledAsync();
        await using var office = await BackOffice.OpenAsync(settings, ApiSettings.HoldLifetime, Cancel);
        Say($"{instances.Kills} killed");
        var orphans = await WaitUntilNoHoldIsLeftAsync(office);
        await instances.StartAsync(Cancel);
        await FinishWithTheSameKeysAsync(orders);
        var books = await Task.WhenAll(customers.Select(each => Books.ReadAsync(office, each, Cancel)));
        var reckoning = new Reckoning(orders, books);

        Assert.All(books, each => each.AssertBalanced());
        reckoning.AssertEveryDeliveryIsCharged();
        reckoning.AssertNothingElseIsCharged();
        await reckoning.AssertEveryChargeHasItsImagesAndReceiptAsync(calls, AnyInstance, await calls.ReadAsync(AnyInstance(), customers[0], ".well-known/jwks.json", Cancel), Cancel);
        AssertItWasARealTest(orders, orphans);
        Tell(orders, books, orphans, reckoning.ChargedUnseen);
    }

    private async Task<IReadOnlyList<Order>> OrderWhileInstancesAreKilledAsync()
    {
        await instances.StartAsync(Cancel);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var callers = Enumerable.Range(0, CallerCount).Select(number => new Caller(number, options.Seed, customers, instances, calls)).ToArray();
        var ordering = Task.WhenAll(callers.Select(caller => caller.RunAsync(stop.Token)));
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

    /// <summary>By the sweeper's own timer, on a clock at which all holds have expired: nobody waits 80 s for that. What it leaves, the books will show.</summary>
    /// <returns>How many requests the killed processes had left unfinished, for which nobody pays.</returns>
    private async Task<int> WaitUntilNoHoldIsLeftAsync(BackOffice office)
    {
        var startedAt = TimeProvider.System.GetTimestamp();
        var expired = 0;
        foreach (var customer in customers)
        {
            while ((await office.RowsAsync(customer.Partition, "H", Cancel)).Count > 0 && TimeProvider.System.GetElapsedTime(startedAt) < SweepTimeMax) await Task.Delay(TimeSpan.FromMilliseconds(50), Cancel);
            expired += (await office.RowsAsync(customer.Partition, "L", Cancel)).Select(LedgerEntry.From).Count(entry => entry.Type == EntryType.Expire);
        }

        return expired;
    }

    /// <summary>Every order with a key is sent once more: what was delivered comes again, the same; what was lost is drawn, or comes from what was stored.</summary>
    private async Task FinishWithTheSameKeysAsync(IReadOnlyList<Order> orders)
    {
        var keyed = orders.Where(order => order.IsKeyed && order.Steer.Length == 0);
        await Parallel.ForEachAsync(keyed, new ParallelOptions { MaxDegreeOfParallelism = CallerCount, CancellationToken = Cancel }, async (order, cancel) =>
        {
            var again = await calls.SendAsync(AnyInstance(), order, cancel);
            Assert.True(again.Delivery is not null, $"{again.Id}: {again.RefusalCode}");
            Assert.Single(order.Deliveries.Distinct());
        });
    }

    private Uri AnyInstance() => instances.Any(Random.Shared);

    /// <summary>Kills that hit nothing would prove nothing.</summary>
    private void AssertItWasARealTest(IReadOnlyList<Order> orders, int orphans)
    {
        Assert.True(instances.Kills >= options.Count, $"{instances.Kills} kills");
        Assert.True(orphans > 0, "No kill met a request between its hold and its end.");
        Assert.Contains(orders, order => order.IsKeyed && order.Attempts.Count > 2);
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
