using System.Collections.Concurrent;

namespace ServerlessImages.Local.Stripe;

/// <summary>What a call passes before and after it is done: its key, what is to go wrong, idempotency, and the one meter event that a customer may have in flight.</summary>
internal sealed class StripeHttp(StripeState state, StripeIdempotency idempotency, StripeFaults faults, StripeCalls calls, Action announce, StripeEmulatorOptions options)
{
    private const string MeterEvents = "/v1/billing/meter_events";

    private readonly ConcurrentDictionary<string, byte> inFlight = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> posts = new();

    public IReadOnlyCollection<string> Posts => [.. posts];

    public async Task AnswerAsync(HttpContext http)
    {
        var call = await CallAsync(http.Request);
        if (call.Method == "POST") posts.Enqueue(call.Path);
        var fault = call.IsWrite ? faults.Next(call.Path) : null;
        var one = call.Path == MeterEvents && call.IsWrite ? $"{call.Fields.Text("event_name")}/{call.Fields.Text("payload[stripe_customer_id]")}" : null;
        if (fault?.Kind == StripeFaultKind.BreaksBefore)
        {
            http.Abort();
            return;
        }

        StripeAnswer answer;
        if (one is not null && !inFlight.TryAdd(one, 0))
        {
            answer = StripeAnswer.Of(StripeError.RateLimited("resource-specific"));
        }
        else
        {
            try
            {
                answer = fault?.Kind == StripeFaultKind.RateLimited ? StripeAnswer.Of(StripeError.RateLimited(fault.Reason, fault.ShouldRetry, fault.RetryAfter)) : AnswerOnce(call);
                var wait = fault?.Kind == StripeFaultKind.Hangs ? Timeout.InfiniteTimeSpan : options.Latency;
                if (wait != TimeSpan.Zero) await Task.Delay(wait, http.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
            }
            finally
            {
                // Before the answer is written: whoever has it may send the next one at once.
                if (one is not null) inFlight.TryRemove(one, out _);
            }
        }

        options.Record(new(call.Method, call.Path, call.Fields.All, answer.Status, answer.Body));
        announce();
        if (fault?.Kind is StripeFaultKind.BreaksAfter or StripeFaultKind.Hangs) http.Abort();
        else await WriteAsync(http, call, answer);
    }

    private StripeAnswer AnswerOnce(Call call)
    {
        if (call.Authorization != "Bearer " + options.ApiKey) return StripeAnswer.Of(StripeError.Unauthorized());
        if (call.Key.Length > StripeIdempotency.CharactersMax) return StripeAnswer.Of(StripeError.Invalid("Idempotency keys are at most 255 characters.", "Idempotency-Key"));
        if (!call.IsWrite || call.Key.Length == 0) return AnswerNow(call);
        return idempotency.Answer(call.Key, $"{call.Method} {call.Path}?{call.Fields}", () => AnswerNow(call));
    }

    private StripeAnswer AnswerNow(Call call)
    {
        try
        {
            var body = state.Do(() => calls.Answer(call.Method, call.Path, call.Fields), changes: call.IsWrite);
            return call.IsWrite && faults.Fails(call.Path) ? StripeAnswer.Of(StripeError.Internal()) : new(200, body.ToJsonString(), []);
        }
        catch (StripeError error)
        {
            return StripeAnswer.Of(error);
        }
    }

    private static async Task WriteAsync(HttpContext http, Call call, StripeAnswer answer)
    {
        http.Response.StatusCode = answer.Status;
        http.Response.ContentType = "application/json";
        http.Response.Headers["Request-Id"] = StripeState.NewId("req");
        http.Response.Headers["Stripe-Version"] = StripeEmulator.ApiVersion;
        if (call.Key.Length > 0) http.Response.Headers["Idempotency-Key"] = call.Key;
        foreach (var (name, value) in answer.Headers) http.Response.Headers[name] = value;
        await http.Response.WriteAsync(answer.Body, http.RequestAborted);
    }

    /// <summary>A call's fields are in its query and in its form.</summary>
    private static async Task<Call> CallAsync(HttpRequest request)
    {
        IEnumerable<KeyValuePair<string, string>> fields = request.Query.Select(each => KeyValuePair.Create(each.Key, each.Value.ToString()));
        if (request.HasFormContentType) fields = fields.Concat((await request.ReadFormAsync()).Select(each => KeyValuePair.Create(each.Key, each.Value.ToString())));
        return new(request.Method, request.Path.Value!, new(fields), request.Headers.Authorization.ToString(), request.Headers["Idempotency-Key"].ToString());
    }

    private sealed record Call(string Method, string Path, StripeFields Fields, string Authorization, string Key)
    {
        public bool IsWrite => Method != "GET";
    }
}
