using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;

namespace ServerlessImages.Local.Stripe;

/// <summary>
/// Stripe on this machine, as far as prepaid credit needs it: customers, Checkout with a page to pay on, saved cards, refunds, disputes, events and signed
/// webhooks. It remembers everything, keeps to idempotency keys as Stripe does, failures included, and no money moves.
/// </summary>
public sealed class StripeEmulator : IAsyncDisposable
{
    /// <summary>Of its answers and events; that of the SDK.</summary>
    public const string ApiVersion = "2026-10-28.endive";

    private const int KeyCharactersMax = 255;

    private readonly ConcurrentDictionary<string, Lazy<Stored>> answers = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<Task, byte> announcing = new();
    private readonly ConcurrentQueue<string> posts = new();
    private readonly WebApplication application;
    private readonly StripeEmulatorOptions options;
    private readonly StripeState state;
    private readonly StripeMoney money;
    private readonly StripeCalls calls;
    private readonly StripeWebhookSender webhooks;
    private int failures;

    private StripeEmulator(StripeEmulatorOptions options)
    {
        this.options = options;
        application = Build(options.Port);
        state = new(options.StateFile, options.Time);
        money = new(state);
        webhooks = new(options);
        calls = new(state, money, events => _ = AnnounceAsync(events), () => Endpoint);
        application.Map("/c/pay/{id}", PayAsync);
        application.MapGet("/portal/{id}", () => Results.Text("The emulated customer portal: nothing to see here."));
        application.MapFallback(AnswerAsync);
    }

    /// <summary>What <c>https://api.stripe.com</c> would be: <c>http://127.0.0.1:{port}/</c>.</summary>
    public Uri Endpoint { get; private set; } = null!;

    /// <summary>The paths of all POST calls, oldest first, those answered from an idempotency key too.</summary>
    public IReadOnlyCollection<string> Posts => [.. posts];

    /// <summary>Whether announcements are held back until <see cref="ReleaseWebhooksAsync"/>.</summary>
    public bool HoldsWebhooks
    {
        get => webhooks.Holds;
        set => webhooks.Holds = value;
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
    public IReadOnlyList<JsonObject> All(string type) => state.All(type);

    /// <summary>The next POST calls do what they are asked and then answer 500, which their idempotency keys repeat.</summary>
    public void FailNextPosts(int count) => failures = count;

    /// <summary>Changes an object behind everybody's back, as an operator could at the dashboard.</summary>
    public void Change(string id, Action<JsonObject> change) => state.Change(objects =>
    {
        change(objects[id]);
        return true;
    });

    /// <summary>Lets go the announcements that were held back.</summary>
    public Task<IReadOnlyList<HttpStatusCode?>> ReleaseWebhooksAsync(int copies = 1, bool newestFirst = false) => webhooks.ReleaseAsync(copies, newestFirst);

    /// <summary>Announces anything, signed.</summary>
    public Task<HttpStatusCode?> SendWebhookAsync(string body) => webhooks.SendAsync(body);

    public static string Signature(string body, string secret, DateTimeOffset at) => StripeWebhookSender.Signature(body, secret, at);

    public Task ArriveAsync(string sessionId, bool succeeded) => AnnounceAsync(money.Arrive(sessionId, succeeded));

    public async Task<string> RefundAsync(string paymentIntentId, long? cents = null)
    {
        var (refund, events) = money.Refund(paymentIntentId, cents);
        await AnnounceAsync(events);
        return StripeMoney.Text(refund, "id");
    }

    public Task FailRefundAsync(string id) => AnnounceAsync(money.FailRefund(id));

    public async Task<string> DisputeAsync(string paymentIntentId)
    {
        var (id, events) = money.Dispute(paymentIntentId);
        await AnnounceAsync(events);
        return id;
    }

    public Task CloseDisputeAsync(string id, bool won) => AnnounceAsync(money.CloseDispute(id, won));

    /// <summary>Waits until all that happened has been announced.</summary>
    public Task AnnouncedAsync() => Task.WhenAll(announcing.Keys);

    public async ValueTask DisposeAsync()
    {
        await application.StopAsync(new CancellationToken(canceled: true));
        await application.DisposeAsync();
        webhooks.Dispose();
    }

    private async Task AnnounceAsync(IReadOnlyList<JsonObject> events)
    {
        var task = webhooks.AnnounceAsync(events);
        announcing[task] = 0;
        await task;
        announcing.TryRemove(task, out _);
    }

    private async Task AnswerAsync(HttpContext http)
    {
        var (method, path) = (http.Request.Method, http.Request.Path.Value!);
        var fields = await FieldsAsync(http.Request);
        var key = http.Request.Headers["Idempotency-Key"].ToString();
        if (method == "POST") posts.Enqueue(path);
        var answer = AnswerOnce(http.Request.Headers.Authorization.ToString(), method, path, fields, key);
        http.Response.StatusCode = answer.Status;
        http.Response.ContentType = "application/json";
        await http.Response.WriteAsync(answer.Body, http.RequestAborted);
    }

    private Stored AnswerOnce(string authorization, string method, string path, StripeFields fields, string key)
    {
        if (authorization != "Bearer " + options.ApiKey) return Stored.Of(StripeError.Unauthorized(), "");
        if (key.Length > KeyCharactersMax) return Stored.Of(StripeError.Invalid("Idempotency keys are at most 255 characters.", "Idempotency-Key"), "");
        if (method != "POST" || key.Length == 0) return AnswerNow(method, path, fields);

        // One answer for each key, a failure as well as a success; the second of two at once waits for the first.
        var stored = answers.GetOrAdd(key, _ => new(() => AnswerNow(method, path, fields))).Value;
        return stored.Request == $"{path}?{fields}" ? stored : Stored.Of(StripeError.KeyReused(), "");
    }

    private Stored AnswerNow(string method, string path, StripeFields fields)
    {
        var request = $"{path}?{fields}";
        try
        {
            var body = calls.Answer(method, path, fields);
            return method == "POST" && Interlocked.Decrement(ref failures) >= 0 ? Stored.Of(StripeError.Internal(), request) : new(200, body.ToJsonString(), request);
        }
        catch (StripeError error)
        {
            return Stored.Of(error, request);
        }
    }

    private async Task PayAsync(HttpContext http, string id)
    {
        if (state.Find("checkout.session", id) is not { } session)
        {
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        string? problem = null;
        if (HttpMethods.IsPost(http.Request.Method))
        {
            try
            {
                var (paid, events) = money.Pay(id, StripeTestCard.Of((await http.Request.ReadFormAsync(http.RequestAborted))["card"].ToString()));
                if (paid is not null)
                {
                    // Stripe too announces a payment before it lets the payer go, and waits for the answer for up to 10 s.
                    await AnnounceAsync(events);
                    http.Response.Redirect(StripeMoney.Text(session, "success_url").Replace("{CHECKOUT_SESSION_ID}", id, StringComparison.Ordinal));
                    return;
                }

                problem = "Your card was declined.";
            }
            catch (StripeError error)
            {
                problem = error.Body["error"]!["message"]!.GetValue<string>();
            }
        }

        http.Response.ContentType = "text/html; charset=utf-8";
        await http.Response.WriteAsync(StripePayPage.Html(session, problem), http.RequestAborted);
    }

    private static async Task<StripeFields> FieldsAsync(HttpRequest request)
    {
        if (!request.HasFormContentType) return new(request.Query.Select(each => KeyValuePair.Create(each.Key, each.Value.ToString())));
        var form = await request.ReadFormAsync();
        return new(form.Select(each => KeyValuePair.Create(each.Key, each.Value.ToString())));
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

    /// <param name="Request">What was asked, to be compared with what is asked under the same key.</param>
    private sealed record Stored(int Status, string Body, string Request)
    {
        public static Stored Of(StripeError error, string request) => new(error.Status, error.Body.ToJsonString(), request);
    }
}
