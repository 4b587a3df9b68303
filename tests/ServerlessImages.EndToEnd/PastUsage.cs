using System.Globalization;
using ServerlessImages.Accounts;
using ServerlessImages.Ledger;
using ServerlessImages.Storage;
using ServerlessImages.Tests;

namespace ServerlessImages.EndToEnd;

/// <summary>
/// Accounts that owe for hours which are over: charged by a ledger whose clock is hours behind, and subscribed now. What the instances' senders find, whenever one of them
/// starts, is hours to report; nobody waits an hour for that.
/// </summary>
internal sealed class PastUsage
{
    private const int HoursMin = 3;
    private const int HoursMax = 8;
    private readonly AheadClock past = new();
    private readonly BackOffice office;
    private readonly StripeDesk desk;
    private readonly Random random;
    private readonly AccountLedger ledger;

    public PastUsage(BackOffice office, int seed)
    {
        (this.office, desk, random) = (office, new StripeDesk(office), new Random(seed));

        // Listed by nobody yet: a sender that came before the subscription would lay the account aside for hours.
        ledger = new AccountLedger(office.Service<ITableStore>(), new OpenPartitions(new InMemoryTableStore(), past), past, office.Service<IEntropy>());
    }

    public List<Customer> Customers { get; } = [];

    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            Customers.Add(await AddAsync(string.Create(CultureInfo.InvariantCulture, $"acct_past_{Customers.Count}"), TestContext.Current.CancellationToken));
            await Task.Delay(random.Next(800), CancellationToken.None);
        }
    }

    private async Task<Customer> AddAsync(string id, CancellationToken cancel)
    {
        var customer = await office.OpenAccountAsync(id, Money.Zero, cancel);
        for (var hours = random.Next(HoursMin, HoursMax + 1); hours >= 1; hours--)
        {
            past.Ahead = TimeSpan.FromHours(-hours);
            await ledger.SetLimitAsync(customer.Partition, Money.Dollars(1_000));
            for (var charge = random.Next(1, 3); charge > 0; charge--) await ChargeAsync(customer.Partition, new(random.Next(1, 200_000)));
        }

        await desk.SubscribeAsync(customer, cancel);
        await office.Service<OpenPartitions>().TouchAsync(customer.Partition);
        return customer;
    }

    private async Task ChargeAsync(LedgerPartition partition, Money amount)
    {
        var summary = new RequestSummary("generation", "key", ApiSettings.Model, 1, "1024x640", "low", "jpeg", "price", new string('f', 64));
        var held = await ledger.HoldAsync(partition, new HoldRequest(ledger.NextRequestId(), amount, office.Service<PlanCatalog>().Get(ApiSettings.Plan), TimeSpan.FromHours(12), summary));
        if (!held.TryGet(out var outcome, out var error)) throw new InvalidOperationException(error.Message);
        Assert.True((await ledger.SettleAsync(partition, outcome.Hold!, amount, outcome.Hold!.Hold.Close(Money.Zero))).TryGet(out _, out _));
    }
}
