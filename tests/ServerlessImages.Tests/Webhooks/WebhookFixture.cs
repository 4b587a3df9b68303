using System.Text.Json;
using ServerlessImages.Events;
using ServerlessImages.Keys;
using ServerlessImages.Ledger;
using ServerlessImages.Storage;
using ServerlessImages.Tests.Ledger;
using ServerlessImages.Webhooks;

namespace ServerlessImages.Tests.Webhooks;

/// <summary>Endpoints over one store in virtual time; what is sent to them is answered by the test.</summary>
internal sealed class WebhookFixture : IWebhookSender, IEventHints
{
    private readonly Peppers peppers = new(new Dictionary<int, byte[]> { [1] = new byte[32] });

    public WebhookFixture(ITableStore? store = null, IEntropy? entropy = null)
    {
        Entropy = entropy ?? new SeededEntropy();
        Books = new LedgerFixture(store);
        Ledger = new AccountLedger(new StoreLimits(Store), Open, Books.Clock, new SystemEntropy(), this);
    }

    public LedgerFixture Books { get; }
    public AccountLedger Ledger { get; }
    public IEntropy Entropy { get; }
    public ITableStore Store => Books.Store;
    public LedgerPartition Partition => Books.Partition;
    public OpenPartitions Open => new(Store, Books.Clock);
    public WebhookSigner Signer => new(peppers);
    public PendingDeliveries Pending => new(Store);
    public WebhookDirectory Directory => new(new StoreLimits(Store), Pending, Open, Ledger);
    public ManageWebhooks Manage => new(Directory, Signer, Ledger, peppers, new SystemEntropy(), Books.Clock);
    public ReadDeliveries Read => new(Directory, new StoreLimits(Store), this, Books.Clock);
    public SweepWebhooks Sweep => new(Directory, Pending, Open, this, Books.Clock);

    /// <summary>What an endpoint answers, by its address.</summary>
    public Func<WebhookMessage, Task<WebhookAnswer>> Answer { get; set; } = _ => Task.FromResult(new WebhookAnswer(200, ""));

    public List<(DateTimeOffset At, WebhookMessage Message)> Sent { get; } = [];

    public List<(LedgerPartition Partition, TimeSpan Delay)> Hints { get; } = [];

    public static void Fail(string what, Exception cause) => throw new InvalidOperationException(what, cause);

    public Task<WebhookAnswer> SendAsync(WebhookMessage message, CancellationToken cancel)
    {
        lock (Sent) Sent.Add((Books.Clock.GetUtcNow(), message));
        return Answer(message);
    }

    public void Hint(LedgerPartition partition, TimeSpan delay)
    {
        lock (Hints) Hints.Add((partition, delay));
    }

    public async Task<EndpointWithSecret> AddAsync(string url = "https://example.com/hook", params string[] types) =>
        (await Manage.AddAsync(Partition, new WebhookTerms(url, null, types, null), null, CancellationToken.None)).Value();

    public Task<long> TellAsync(string type = EventTypes.KeyCreated, string? once = null) =>
        Ledger.AnnounceAsync(Partition, new EventFact(type, JsonSerializer.SerializeToElement(new { key_id = "key" })), once);

    /// <summary>One run of another process, over a store that may fail for it.</summary>
    public Task DeliverAsync(ITableStore? store = null) => Deliver(store ?? Store).RunAsync(Partition, Fail, CancellationToken.None);

    public DeliverEvents Deliver(ITableStore store)
    {
        var checkedStore = new StoreLimits(store);
        var pending = new PendingDeliveries(checkedStore);
        var directory = new WebhookDirectory(checkedStore, pending, Open, Ledger);
        return new DeliverEvents(directory, pending, new PlanDeliveries(checkedStore, Books.Clock), new AttemptDeliveries(checkedStore, directory, Signer, this, Books.Clock, Entropy), Ledger, this, Books.Clock);
    }

    /// <summary>Time passes, and with each step whatever a sweep or a hint would drive.</summary>
    public async Task AdvanceAsync(TimeSpan time, TimeSpan? step = null)
    {
        var end = Books.Clock.GetUtcNow() + time;
        while (Books.Clock.GetUtcNow() < end)
        {
            Books.Clock.Advance(step ?? TimeSpan.FromMinutes(1));
            await DeliverAsync();
        }
    }

    public async Task<IReadOnlyList<DeliveryRecord>> DeliveriesAsync(string endpoint, int limit = 100) => (await Read.RunAsync(Partition, endpoint, null, limit, CancellationToken.None)).Value();

    public async Task<WebhookEndpoint> EndpointAsync(string id) => (await Directory.FindAsync(Partition, id, CancellationToken.None)).Value();

    public Task<IReadOnlyList<Row>> RowsAsync(string prefix = "") => Store.RangeAsync(TableNames.Webhooks, Partition.Key, prefix, prefix + "~~", 10_000, CancellationToken.None);
}
