using ServerlessImages.Billing;
using ServerlessImages.Books;
using ServerlessImages.Images;
using ServerlessImages.Ledger;
using ServerlessImages.Local.Stripe;
using ServerlessImages.Storage;
using ServerlessImages.Tests.Billing;

namespace ServerlessImages.Tests.Books;

/// <summary>The nights of an account whose money the emulated Stripe collects: whatever is not told to happen does not, so that one side can be damaged behind the other's back.</summary>
internal sealed class NightlyBooks : IAsyncDisposable
{
    private readonly BillingFixture fixture;
    private readonly InMemoryBlobStore blobs = new();

    private NightlyBooks(BillingFixture fixture) => (this.fixture, Collector) = (fixture, fixture.Of<ICollectorBooks>());

    public static async Task<NightlyBooks> StartAsync(Action<StripeExchange>? record = null) => new(await BillingFixture.StartAsync(record: record));

    public BillingFixture Billing => fixture;

    public StripeEmulator Stripe => fixture.Stripe;

    /// <summary>As it is asked; a test may put another in between.</summary>
    public ICollectorBooks Collector { get; set; }

    /// <summary>Each incident, as often as it was named.</summary>
    public List<CollectorDifference> Named { get; } = [];

    public List<BooksDay> Days { get; } = [];

    public List<string> Failed { get; } = [];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>A payment of $20 that was granted.</summary>
    public async Task<Payment> TopUpAsync()
    {
        var paid = await fixture.PaidAsync();
        Assert.Equal(GrantOutcome.Granted, await fixture.CreditAsync(paid));
        return paid.Payment!;
    }

    public async Task SubscribeAsync()
    {
        (await fixture.Of<ISubscriptionCollector>().SetUpAsync(Cancel)).Value();
        await fixture.Of<PostpaidLimits>().ChangeAsync("acct_sample", account => account with { Approved = Money.Dollars(100) }, Cancel);
        var page = (await fixture.Of<StartSubscription>().RunAsync(fixture.Account, null, new("https://images.example.com/ok"), new("https://images.example.com/back"), Cancel)).Value();
        using var paid = await BillingFixture.PayAsync(page, StripeTestCard.Good);
        await SyncAsync();
    }

    public Task SyncAsync() => fixture.Of<SyncPostpaid>().RunAsync("acct_sample", Cancel);

    public Task SendAsync() => fixture.Of<SendMeterEvents>().RunAsync((_, _) => { }, (_, cause) => throw new InvalidOperationException("sending", cause), Cancel);

    /// <summary>Charges to the limit, and reports the hour when it is over.</summary>
    public async Task UseAsync(long micros)
    {
        await fixture.SpendAsync(new(micros));
        await fixture.Stripe.AdvanceAsync(fixture.Clock.GetUtcNow().AddHours(1));
        await SendAsync();
    }

    /// <summary>Sleeps until 02:10 UTC of the next day, or of the one after that, and closes.</summary>
    /// <returns>What is pending then.</returns>
    public async Task<IReadOnlyList<CollectorDifference>> NightAsync(int nights = 1)
    {
        for (var night = 0; night < nights; night++)
        {
            await fixture.Stripe.AdvanceAsync(new DateTimeOffset(fixture.Clock.GetUtcNow().UtcDateTime.Date, TimeSpan.Zero).AddDays(1).AddMinutes(130));
            await CloseAsync();
        }

        return await PendingAsync();
    }

    /// <summary>One run of one instance.</summary>
    public async Task CloseAsync()
    {
        var failures = Failed.Count;
        var (store, clock, ledger) = (fixture.Of<ITableStore>(), (TimeProvider)fixture.Clock, fixture.Of<AccountLedger>());
        var differences = new CollectorDifferences(store);
        var payments = new ComparePayments(store, fixture.Of<BillingInbox>(), fixture.Of<IPaymentCollector>(), Collector);
        var invoices = new CompareInvoices(store, fixture.Of<ISubscriptionCollector>(), Collector, fixture.Of<PostpaidAccounts>(), fixture.Of<ClosePeriods>(), clock);
        var entries = new CompareEntries(store, differences, payments, invoices, Collector);
        var close = new CloseBooks(ledger, fixture.Of<OpenPartitions>(), store, blobs, new(store), new(store, new ImageResults(blobs, clock)), new(store), new(new(store, ledger)), new(store, ledger, fixture.Of<OpenPartitions>(), new(store, ledger), clock), new(store), clock, entries);
        await close.RunAsync((_, day) => Days.Add(day), Named.Add, (partition, cause) => Failed.Add($"{partition}: {cause.GetType().Name}"), Cancel);
        var compare = new CompareCollector(differences, payments, new CompareHours(store, Collector), invoices, fixture.Of<PostpaidAccounts>(), fixture.Of<Customers>(), Collector, clock);
        await compare.RunAsync(Named.Add, (what, cause) => Failed.Add($"{what}: {cause.GetType().Name}"), Cancel);
        await compare.ConcludeAsync(Failed.Count == failures, Cancel);
    }

    public Task<Result<ComparedDay>> FindAsync(DateOnly day) => new FindBooks(fixture.Of<ITableStore>(), new(fixture.Of<ITableStore>()), Collector).RunAsync(Sample.Partition, day, Cancel);

    public async Task<IReadOnlyList<CollectorDifference>> PendingAsync() => [.. (await AllAsync()).Where(each => each.IsPending)];

    public async Task<IReadOnlyList<CollectorDifference>> AllAsync()
    {
        var all = new List<CollectorDifference>();
        await foreach (var each in new CollectorDifferences(fixture.Of<ITableStore>()).AllAsync(account: null, Cancel)) all.Add(each);
        return all;
    }

    public async Task ChangeRowAsync(string key, string column, long value, string table = TableNames.Ledger, string partition = "acct_sample")
    {
        var row = (await fixture.Store.FindAsync(table, partition, key, Cancel))!;
        var columns = new Columns();
        foreach (var (name, old) in row.Columns)
        {
            if (old is long number) columns.Add(name, name == column ? value : number);
            else columns.Add(name, (string)old);
        }

        Assert.True((await fixture.Store.CommitAsync(table, partition, [RowWrite.Replace(key, columns, row.ETag)], Cancel)).Applied);
    }

    public async Task DeleteRowAsync(string key)
    {
        var row = (await fixture.Store.FindAsync(TableNames.Ledger, "acct_sample", key, Cancel))!;
        Assert.True((await fixture.Store.CommitAsync(TableNames.Ledger, "acct_sample", [RowWrite.Delete(key, row.ETag)], Cancel)).Applied);
    }

    /// <summary>It waits for two nights, and is named in the third: once, whatever follows.</summary>
    public async Task AssertPendsAndIsNamedAsync(Difference expected)
    {
        for (var night = 0; night < 2; night++)
        {
            Assert.Equal(expected, Assert.Single(await NightAsync()).Mismatch.Difference);
            Assert.Empty(Named);
        }

        await AssertIsNamedAsync(expected);
    }

    /// <summary>It is named in the next night: once, whatever follows.</summary>
    public async Task AssertIsNamedAsync(Difference expected)
    {
        Assert.Empty(await NightAsync());
        Assert.Equal(expected, Assert.Single(Named).Mismatch.Difference);
        await CloseAsync();
        await NightAsync(2);
        Assert.Single(Named);
        Assert.Single(await AllAsync());
        Assert.Empty(Failed);
    }

    public ValueTask DisposeAsync() => fixture.DisposeAsync();
}
