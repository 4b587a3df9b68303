using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;

namespace ServerlessImages.Local.Stripe;

/// <summary>
/// Stripe on this machine, as far as the product and its operators need it. It remembers everything, keeps to its own rules as the facts of Stripe are known,
/// does by itself what falls due, and no money moves.
/// </summary>
public sealed class StripeEmulator : IAsyncDisposable
{
    /// <summary>Of its answers and events; that of the SDK.</summary>
    public const string ApiVersion = "2026-10-28.endive";

    private readonly ConcurrentDictionary<Task, byte> announcing = new();
    private readonly WebApplication application;
    private readonly StripeEmulatorOptions options;
    private readonly StripeClock clock;
    private readonly StripeState state;
    private readonly StripeSchedule schedule;
    private readonly StripeFaults faults = new();
    private readonly StripeCheckout checkout;
    private readonly StripePayments payments;
    private readonly StripeView view;
    private readonly StripeHttp http;
    private readonly StripeWebhookSender webhooks;

    private StripeEmulator(StripeEmulatorOptions options)
    {
        this.options = options;
        application = Build(options.Port);
        clock = new(options.Time);
        state = new(options.StateFile, clock);
        view = new(state, () => Endpoint);
        webhooks = new(options, clock);
        var events = new StripeEvents(state, view);
        var cards = new StripeCards(state, events);
        var lists = new StripeLists(state, view);
        var meters = new StripeMeters(state, events);
        var usage = new StripeMeterEvents(state, events, meters, options.MeterLag);
        var items = new StripeInvoiceItems(state, events);
        var collection = new StripeCollection(state, events, cards, options);
        var invoices = new StripeInvoices(state, events, usage, items, options.InvoiceGrace) { Finalized = collection.Begin };
        var subscriptions = new StripeSubscriptions(state, events, invoices, cards);
        collection.Cancel = subscriptions.End;
        usage.Counted = subscriptions.PassThresholds;
        payments = new(state, events, cards);
        checkout = new(state, events, cards, subscriptions, new(state, events, invoices, items, collection));
        schedule = new(clock, usage.Dues, invoices.Dues, subscriptions.Dues, collection.Dues, checkout.Dues);
        var calls = new StripeCalls(state, view, lists, new(state, events, cards), checkout, payments, new(state, events), meters, usage, new(state, usage, lists), subscriptions, invoices, items, collection);
        http = new(state, new(clock), faults, calls, () => _ = AnnounceAsync(), options);
        application.Use(DoWhatIsDueAsync);
        new StripePages(state, checkout, subscriptions, invoices, collection, AnnounceAsync).Map(application);
        application.MapFallback(http.AnswerAsync);
    }

    /// <summary>What <c>https://api.stripe.com</c> would be: <c>http://127.0.0.1:{port}/</c>.</summary>
    public Uri Endpoint { get; private set; } = null!;

    /// <summary>The paths of all POST calls, oldest first, those answered from an idempotency key too.</summary>
    public IReadOnlyCollection<string> Posts => http.Posts;

    /// <summary>Whether announcements are held back until <see cref="ReleaseWebhooksAsync"/>.</summary>
    public bool HoldsWebhooks
    {
        get => webhooks.Holds;
        set => webhooks.Holds = value;
    }

    /// <summary>The version in which events are announced from now on.</summary>
    public string WebhookApiVersion
    {
        get => webhooks.ApiVersion;
        set => webhooks.ApiVersion = value;
    }

    public static async Task<StripeEmulator> StartAsync(StripeEmulatorOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        var emulator = new StripeEmulator(options);
        await emulator.application.StartAsync(cancellationToken);
        emulator.Endpoint = new Uri(emulator.application.Urls.Single());
        return emulator;
    }

    /// <summary>Everything of a type, newest first: <c>customer</c>, <c>payment_intent</c>, <c>event</c> and so on.</summary>
    public IReadOnlyList<JsonObject> All(string type) => state.Do<IReadOnlyList<JsonObject>>(() => [.. state.All(type).Select(view.Shown)], changes: false);

    /// <summary>Moves the time, and does what falls due on the way at its moment, each with its announcements taken before the next.</summary>
    /// <exception cref="InvalidOperationException">The time cannot be moved: <see cref="StripeEmulatorOptions.MoveTime"/> is not set.</exception>
    public async Task AdvanceAsync(DateTimeOffset to)
    {
        if (options.MoveTime is not { } move) throw new InvalidOperationException("This emulator lives in real time.");
        while (NextDue() is { } due && due <= to.ToUnixTimeSeconds())
        {
            var moment = DateTimeOffset.FromUnixTimeSeconds(due);
            if (moment > options.Time.GetUtcNow()) move(moment);
            await CatchUpAsync();
        }

        move(to);
        await CatchUpAsync();
    }

    /// <summary>The next calls that write go wrong.</summary>
    /// <param name="path">Those whose path begins so; a call of another path waits for no fault.</param>
    public void FailNext(StripeFault fault, int count = 1, string path = "") => faults.Add(fault, count, path);

    /// <summary>The next POST calls do what they are asked and then answer 500, which their idempotency keys repeat.</summary>
    public void FailNextPosts(int count) => FailNext(new(StripeFaultKind.FailsAfter), count);

    /// <summary>Changes an object behind everybody's back, as an operator could at the dashboard.</summary>
    public void Change(string id, Action<JsonObject> change) => state.Do(() =>
    {
        change(state.Find(id) ?? throw new KeyNotFoundException(id));
        return true;
    });

    /// <summary>Lets go the announcements that were held back.</summary>
    public Task<IReadOnlyList<HttpStatusCode?>> ReleaseWebhooksAsync(int copies = 1, bool newestFirst = false) => webhooks.ReleaseAsync(copies, newestFirst);

    /// <summary>Announces anything, signed.</summary>
    public Task<HttpStatusCode?> SendWebhookAsync(string body) => webhooks.SendAsync(body);

    public static string Signature(string body, string secret, DateTimeOffset at) => StripeWebhookSender.Signature(body, secret, at);

    public Task ArriveAsync(string sessionId, bool succeeded) => DoAsync(() => checkout.Arrive(sessionId, succeeded));

    public Task<string> RefundAsync(string paymentIntentId, long? cents = null) => DoAsync(() => payments.Refund(paymentIntentId, cents).Text("id"));

    public Task FailRefundAsync(string id) => DoAsync(() => payments.SetStatus("refund", id, "failed", "refund.failed"));

    public Task<string> DisputeAsync(string paymentIntentId) => DoAsync(() => payments.Dispute(paymentIntentId).Text("id"));

    public Task CloseDisputeAsync(string id, bool won) => DoAsync(() => payments.SetStatus("dispute", id, won ? "won" : "lost", "charge.dispute.closed"));

    /// <summary>Waits until all that happened has been announced.</summary>
    public Task AnnouncedAsync() => Task.WhenAll(announcing.Keys);

    public async ValueTask DisposeAsync()
    {
        await application.StopAsync(new CancellationToken(canceled: true));
        await application.DisposeAsync();
        webhooks.Dispose();
    }

    private long? NextDue()
    {
        var next = state.Do(schedule.Next, changes: false)?.At;
        return webhooks.NextRetry is { } retry && !(next < retry) ? retry : next;
    }

    private async Task<T> DoAsync<T>(Func<T> act)
    {
        var result = state.Do(act);
        await AnnounceAsync();
        return result;
    }

    private async Task CatchUpAsync()
    {
        if (state.Do(() => schedule.Next() is { } due && due.At <= clock.Real, changes: false)) state.Do(schedule.CatchUp);
        await AnnounceAsync();
        await AnnouncedAsync();
    }

    /// <summary>Announces what has happened, and again what was not taken.</summary>
    private async Task AnnounceAsync()
    {
        var events = state.TakeUnannounced();
        if (events.Count == 0 && !(webhooks.NextRetry <= clock.Real)) return;
        var task = Task.Run(async () =>
        {
            await webhooks.AnnounceAsync(events);
            await webhooks.RetryAsync();
        });
        announcing[task] = 0;
        await task;
        announcing.TryRemove(task, out _);
    }

    /// <summary>In real time nobody is there to do what is due, so each call does it first.</summary>
    private async Task DoWhatIsDueAsync(HttpContext context, RequestDelegate next)
    {
        if (state.Do(() => schedule.Next() is { } due && due.At <= clock.Real, changes: false)) state.Do(schedule.CatchUp);
        _ = AnnounceAsync();
        await next(context);
    }

    private static WebApplication Build(int port)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(IPAddress.Loopback, port);
        });
        return builder.Build();
    }
}
