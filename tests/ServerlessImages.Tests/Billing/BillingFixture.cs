using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using ServerlessImages.Accounts;
using ServerlessImages.Billing;
using ServerlessImages.Images;
using ServerlessImages.Jobs;
using ServerlessImages.Keys;
using ServerlessImages.Ledger;
using ServerlessImages.Local.Stripe;
using ServerlessImages.Members;
using ServerlessImages.Storage;
using ServerlessImages.Stripe;
using ServerlessImages.Webhooks;

namespace ServerlessImages.Tests.Billing;

/// <summary>Billing on the real adapter and the emulated Stripe, with a clock that tests move. Nothing is announced unless a test does.</summary>
internal sealed class BillingFixture : IAsyncDisposable
{
    private readonly List<(string What, Exception Cause)> failures = [];
    private readonly ServiceProvider services;

    private BillingFixture(StripeEmulator stripe, FakeTimeProvider clock, InterruptedStore store, IBlobStore blobs)
    {
        (Stripe, Clock, Store) = (stripe, clock, store);
        var settings = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?> { ["Stripe:ApiKey"] = "sk_test_emulator", ["Stripe:WebhookSecrets:0"] = "whsec_emulator", ["Stripe:ThinWebhookSecrets:0"] = "whsec_thin_emulator", ["Stripe:ApiBase"] = stripe.Endpoint.AbsoluteUri }).Build();
        var all = new ServiceCollection().AddSingleton<IConfiguration>(settings).AddSingleton<TimeProvider>(clock).AddSingleton<IEntropy>(new SeededEntropy()).AddSingleton<ITableStore>(new StoreLimits(store));
        all.AddStripe(settings);
        all.AddSingleton(PlanCatalog.Parse(PlanCatalog.ShippedJson)).AddSingleton<AccountDirectory>().AddSingleton<OpenPartitions>().AddSingleton<AccountLedger>().AddSingleton(new BillingOptions()).AddSingleton(blobs).AddSingleton(Sample.Models);
        foreach (var type in (Type[])[typeof(Customers), typeof(BillingInbox), typeof(StartCheckout), typeof(GrantPayment), typeof(TakeBackPayment), typeof(AutoTopUps), typeof(TopUpAutomatically), typeof(CreditCheckout), typeof(HandleEvents), typeof(SweepPayments), typeof(PostpaidAccounts), typeof(PostpaidLimits), typeof(InvoiceRecords), typeof(ClosePeriods), typeof(SyncPostpaid), typeof(StartSubscription), typeof(EndSubscription), typeof(DisputeStops), typeof(SendMeterEvents), typeof(RefundUnused), typeof(CloseAccount), typeof(JobLedger), typeof(JobOrders), typeof(EndWaitingJobs), typeof(ApiKeyDirectory), typeof(KeyList), typeof(RevokeApiKey), typeof(EndPayments), typeof(EndAccess), typeof(Invitations), typeof(MemberDirectory), typeof(PendingDeliveries), typeof(WebhookDirectory), typeof(ImageResults), typeof(DeleteResult), typeof(DeleteAllResults)]) all.AddSingleton(type);
        services = all.BuildServiceProvider();
    }

    public StripeEmulator Stripe { get; }

    public FakeTimeProvider Clock { get; }

    public InterruptedStore Store { get; }

    public Account Account { get; } = new("acct_sample", "Fox Studio", "standard", Sample.Now);

    /// <summary>What sweeps and announcements could not do.</summary>
    public IReadOnlyList<(string What, Exception Cause)> Failures => failures;

    public static async Task<BillingFixture> StartAsync(ITableStore? store = null, Action<StripeExchange>? record = null, IBlobStore? blobs = null)
    {
        var clock = Sample.Clock();
        var fixture = new BillingFixture(await StripeEmulator.StartAsync(new StripeEmulatorOptions { Time = clock, MoveTime = clock.SetUtcNow, Record = record ?? (_ => { }) }, TestContext.Current.CancellationToken), clock, new InterruptedStore(store ?? new InMemoryTableStore()), blobs ?? new InMemoryBlobStore());
        await fixture.Of<AccountDirectory>().OpenAsync(fixture.Account, TestContext.Current.CancellationToken);
        return fixture;
    }

    public T Of<T>()
        where T : notnull => services.GetRequiredService<T>();

    public async Task<Checkout> OpenAsync(int dollars = 20, string? key = null) =>
        (await Of<StartCheckout>().RunAsync(Account, Money.Dollars(dollars), key, new("https://images.example.com/ok"), new("https://images.example.com/back"), TestContext.Current.CancellationToken)).Value();

    public async Task<Checkout> PaidAsync(int dollars = 20, StripeTestCard? card = null)
    {
        var checkout = await OpenAsync(dollars);
        await PayAsync(checkout, card ?? StripeTestCard.Good);
        return (await Of<IPaymentCollector>().FindCheckoutAsync(checkout.Id, TestContext.Current.CancellationToken))!;
    }

    /// <summary>As a browser would, up to where it is sent back.</summary>
    public static async Task<HttpResponseMessage> PayAsync(Checkout checkout, StripeTestCard card)
    {
        using var browser = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false });
        using var form = new FormUrlEncodedContent([KeyValuePair.Create("card", card.Number)]);
        return await browser.PostAsync(checkout.Url, form, TestContext.Current.CancellationToken);
    }

    /// <summary>As an operator could at the dashboard: what is answered of it then is its id and that it is gone.</summary>
    public void DeleteCustomer() => Stripe.Change(Stripe.All("customer")[0]["id"]!.GetValue<string>(), customer =>
    {
        customer["deleted"] = true;
        customer.Remove("metadata");
    });

    public Task<GrantOutcome> CreditAsync(Checkout checkout) => Of<CreditCheckout>().RunAsync(checkout, TestContext.Current.CancellationToken);

    /// <summary>Everything that Stripe knows, announced as it came.</summary>
    public async Task AnnounceAsync()
    {
        await foreach (var each in Of<IPaymentCollector>().EventsSinceAsync(Sample.Now.AddDays(-1), TestContext.Current.CancellationToken))
        {
            await Of<HandleEvents>().ReceiveAsync(each, (announced, cause) => failures.Add((announced.Id, cause)), TestContext.Current.CancellationToken);
        }
    }

    public Task SweepAsync() => Of<SweepPayments>().RunAsync((what, cause) => failures.Add((what, cause)), TestContext.Current.CancellationToken);

    public Task<Balance> BalanceAsync() => Of<AccountLedger>().BalanceAsync(Sample.Partition, TestContext.Current.CancellationToken);

    public async Task<LedgerEntry[]> EntriesAsync() => [.. (await Of<AccountLedger>().EntriesAfterAsync(Sample.Partition, 0, 100, TestContext.Current.CancellationToken)).Select(each => each.Entry)];

    /// <summary>Takes credit away, as images would.</summary>
    public async Task SpendAsync(Money amount)
    {
        var ledger = Of<AccountLedger>();
        var hold = (await ledger.HoldAsync(Sample.Partition, Sample.Hold(ledger.NextRequestId(), amount.Micros))).Value().Hold!;
        (await ledger.SettleAsync(Sample.Partition, hold, amount, hold.Hold.Close(Money.Zero))).Value();
    }

    public Task SetUpAsync() => Of<ISubscriptionCollector>().SetUpAsync(TestContext.Current.CancellationToken);

    /// <summary>An operator trusts the account with $100.</summary>
    public Task ApproveAsync() => Of<PostpaidLimits>().ChangeAsync(Account.Id, account => account with { Approved = Money.Dollars(100) }, TestContext.Current.CancellationToken);

    public Task<Result<Checkout>> StartSubscriptionAsync() => Of<StartSubscription>().RunAsync(Account, null, new("https://images.example.com/ok"), new("https://images.example.com/back"), TestContext.Current.CancellationToken);

    /// <summary>All that it takes until the account may owe, but that it is heard of.</summary>
    public async Task SubscribeAsync(StripeTestCard? card = null)
    {
        await SetUpAsync();
        await ApproveAsync();
        using var paid = await PayAsync((await StartSubscriptionAsync()).Value(), card ?? StripeTestCard.Good);
    }

    public Task<IReadOnlyList<UsageInvoice>> InvoicesAsync() => Of<InvoiceRecords>().OfAsync(Account.Id, 100, TestContext.Current.CancellationToken);

    public Task<IReadOnlyList<Row>> RowsAsync(string kind) => Of<ITableStore>().RangeAsync(TableNames.Ledger, Sample.Partition.Key, kind + "|", kind + "}", 1_000, TestContext.Current.CancellationToken);

    public async Task<IEnumerable<(Money Difference, bool IsDone)>> ClosesAsync() =>
        (await Of<ITableStore>().RangeAsync(TableNames.Billing, "closes", Account.Id + "|", Account.Id + "}", 100, TestContext.Current.CancellationToken)).Select(PeriodClose.FromRow).Select(each => (each.Difference, each.IsDone));

    /// <summary>To the micro-dollar, on both rails.</summary>
    /// <param name="promotions">The ids of grants that nobody paid for.</param>
    public async Task ReckonAsync(params string[] promotions)
    {
        var rows = await Of<ITableStore>().RangeAsync(TableNames.Ledger, Sample.Partition.Key, LedgerRows.Balance + "!", "~", 10_000, TestContext.Current.CancellationToken);
        var reckoning = new StripeReckoning(Account.Id, await BalanceAsync(), rows, Stripe, promotions);
        reckoning.AssertPrepaid();
        reckoning.AssertPostpaid();
        reckoning.AssertInvoicedAndPaid();
        Assert.Empty(Failures);
    }

    public Task<IReadOnlyList<BillingProblem>> ProblemsAsync() => Of<BillingInbox>().ProblemsAsync("", 100, TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        await services.DisposeAsync();
        await Stripe.DisposeAsync();
    }
}
