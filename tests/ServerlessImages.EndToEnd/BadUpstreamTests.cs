using System.Globalization;
using ServerlessImages.Images;
using ServerlessImages.Ledger;
using ServerlessImages.Local;
using ServerlessImages.Local.AzureOpenAI;
using ServerlessImages.Tests;

namespace ServerlessImages.EndToEnd;

/// <summary>
/// Real processes on an upstream with its worst days: connections break before and in the middle of answers, bodies stall or end half, 429 and 500 come in storms, and a whole resource is blocked under
/// load. Nobody pays for a failure, no hold is left, and everything that was charged was delivered or can be fetched.
/// </summary>
public sealed class BadUpstreamTests : IAsyncLifetime
{
    private const int InstanceCount = 2;
    private const int CallerCount = 12;
    private const string Blocked = "poland";
    private static readonly string[] Resources = ["sweden", Blocked, "spain"];
    private static readonly Money Credit = Money.Dollars(1_000);
    private static readonly TimeSpan OrderingTime = TimeSpan.FromSeconds(8);

    /// <summary>A stalled call ends with its request's deadline, 10 s.</summary>
    private static readonly TimeSpan EndTimeMax = TimeSpan.FromSeconds(20);

    private static readonly Dictionary<PromptSteer, double> BadDays = new()
    {
        [PromptSteer.ServerFailed] = 0.08,
        [PromptSteer.Unavailable] = 0.04,
        [PromptSteer.TooManyRequests] = 0.04,
        [PromptSteer.Dropped] = 0.04,
        [PromptSteer.Reset] = 0.04,
        [PromptSteer.HalfBody] = 0.04,
        [PromptSteer.Truncated] = 0.02,
        [PromptSteer.Stalled] = 0.01,
        [PromptSteer.Drips] = 0.10,
    };

    private readonly string folder = Directory.CreateTempSubdirectory("serverlessimages-").FullName;
    private readonly List<Customer> customers = [];
    private readonly Calls calls = new(_ => { });
    private Azurite azurite = null!;
    private AzureOpenAIEmulator upstream = null!;
    private Dictionary<string, string?> settings = null!;
    private Instances instances = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        azurite = await Azurite.StartAsync(new AzuriteOptions { InstallFolder = UserCache.Folder("azurite-3.37.0") }, Cancel);
        var model = ModelCatalog.Parse(ModelCatalog.ShippedJson).Models.Single(each => each.Id == ApiSettings.Model);
        upstream = await AzureOpenAIEmulator.StartAsync(new AzureOpenAIEmulatorOptions { Deployments = new Dictionary<string, ModelSpec> { [model.Id] = model }, Latency = TimeSpan.FromMilliseconds(150), BadDays = BadDays }, Cancel);
        settings = ApiSettings.Of(folder, azurite.ConnectionString, upstream.Endpoint).On(Resources.Select(upstream.ResourceEndpoint));
        instances = new Instances(Instances.FreeAddresses(InstanceCount), settings);
        await using var office = await BackOffice.OpenAsync(settings, ahead: TimeSpan.Zero, Cancel);
        for (var number = 0; number < 3; number++) customers.Add(await office.OpenAccountAsync(string.Create(CultureInfo.InvariantCulture, $"acct_{number}"), Credit, Cancel));
    }

    public async ValueTask DisposeAsync()
    {
        if (instances is not null) await instances.DisposeAsync();
        if (upstream is not null) await upstream.DisposeAsync();
        if (azurite is not null) await azurite.DisposeAsync();
        calls.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Whatever_the_upstream_does_failures_cost_nothing_and_charges_are_delivered_or_can_be_fetched()
    {
        await instances.StartAsync(Cancel);

        var (orders, afterBlock) = await OrderOnBadDaysAsync();
        await using var office = await BackOffice.OpenAsync(settings, ahead: TimeSpan.Zero, Cancel);
        await WaitUntilNoHoldIsLeftAsync(office);
        var books = await Task.WhenAll(customers.Select(each => Books.ReadAsync(office, each, Cancel)));
        var reckoning = new Reckoning(orders, books);

        Tell(orders, books, afterBlock);
        Assert.All(books, each => each.AssertBalanced());
        Assert.All(books, each => Assert.DoesNotContain(each.Entries, entry => entry.Type == EntryType.Expire));
        reckoning.AssertEveryDeliveryIsCharged();
        reckoning.AssertNothingElseIsCharged();
        await reckoning.AssertEveryChargeHasItsImagesAndReceiptAsync(calls, AnyInstance, await calls.ReadAsync(AnyInstance(), customers[0], ".well-known/jwks.json", Cancel), Cancel);
        Assert.True(afterBlock > 0, "Nothing was drawn while a resource was blocked.");
        Assert.Contains(orders.SelectMany(order => order.Attempts), attempt => attempt.RefusalCode == "upstream_failed");
    }

    /// <returns>And how many images came while one of the resources was blocked.</returns>
    private async Task<(IReadOnlyList<Order> Orders, int AfterBlock)> OrderOnBadDaysAsync()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var callers = Enumerable.Range(0, CallerCount).Select(number => new Caller(number, seed: 7, customers, instances, calls)).ToArray();
        var ordering = Task.WhenAll(callers.Select(caller => caller.RunAsync(stop.Token)));
        await Task.Delay(OrderingTime / 2, Cancel);
        upstream.Block(Blocked, TimeSpan.FromMinutes(5));
        var before = callers.Sum(Delivered);
        await Task.Delay(OrderingTime / 2, Cancel);
        var after = callers.Sum(Delivered);
        await stop.CancelAsync();
        await ordering;
        return ([.. callers.SelectMany(caller => caller.Orders)], after - before);

        static int Delivered(Caller caller) => caller.Orders.ToArray().Sum(order => order.Deliveries.Count());
    }

    /// <summary>No sweeper helps: the instances are alive, and each closes what it holds.</summary>
    private async Task WaitUntilNoHoldIsLeftAsync(BackOffice office)
    {
        var startedAt = TimeProvider.System.GetTimestamp();
        foreach (var customer in customers)
        {
            while ((await office.RowsAsync(customer.Partition, "H", Cancel)).Count > 0 && TimeProvider.System.GetElapsedTime(startedAt) < EndTimeMax) await Task.Delay(TimeSpan.FromMilliseconds(50), Cancel);
        }
    }

    private Uri AnyInstance() => instances.Any(Random.Shared);

    private static void Tell(IReadOnlyList<Order> orders, Books[] books, int afterBlock)
    {
        var attempts = orders.SelectMany(order => order.Attempts).ToArray();
        var refused = string.Join(", ", attempts.Select(each => each.RefusalCode).OfType<string>().CountBy(code => code).Select(each => $"{each.Key} {each.Value}"));
        TestContext.Current.TestOutputHelper!.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{orders.Count} orders in {attempts.Length} calls, {attempts.Count(each => each.Delivery is not null)} delivered, {afterBlock} of them while a resource was blocked; {books.Sum(each => each.Settled.Count())} charges; refused: {refused}"));
    }
}
