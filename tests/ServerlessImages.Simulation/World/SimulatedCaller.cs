using ServerlessImages.Images;
using ServerlessImages.Keys;
using ServerlessImages.Simulation.Scheduling;

namespace ServerlessImages.Simulation.World;

/// <summary>Someone who calls for an account: the moves that <see cref="CallerBehaviours"/> are made of.</summary>
internal sealed class SimulatedCaller(History history, SimulatedAccount account)
{
    /// <summary>Longer than any request can take: whoever waits so long for a process that lives waits in vain.</summary>
    public static readonly TimeSpan Forever = TimeSpan.FromMinutes(40);

    private static readonly TimeSpan NoticeMax = TimeSpan.FromMilliseconds(250);

    private readonly Caller caller = history.Random.Pick(account.Callers);
    private readonly string? endUser = history.Random.Chance(0.4) ? history.Random.Pick(SimulatedAccount.EndUsers) : null;

    public SeededRandom Random { get; } = new(history.Random.Fork());

    public SimulatedAccount Account => account;

    public Task WaitAsync(TimeSpan duration) => Task.Delay(duration, history.CallersClock);

    public Instance AnyInstance() => Random.Pick(history.Instances);

    public string NewKey() => $"key {history.NextNumber()}";

    /// <param name="key">An Idempotency-Key, or null.</param>
    public LogicalRequest NewRequest(string? key = null, Retention retention = Retention.Default, bool isResend = false)
    {
        var number = history.NextNumber();
        var drawn = Random.Pick(Catalog.Requests);
        var order = new ImageOrder(drawn with { Prompt = $"a red fox, number {number}" }) { IdempotencyKey = key, Retention = retention, EndUser = endUser };
        var request = new LogicalRequest(number, account, caller, order) { IsResend = isResend };
        account.Requests.Add(request);
        return request;
    }

    /// <summary>Sends the request once and waits for what comes of it, no longer than the patience.</summary>
    public async Task<Reply> SendAsync(LogicalRequest request, TimeSpan patience, Instance? to = null)
    {
        var attempt = new Attempt(request, to ?? AnyInstance(), history.Scheduler.Microseconds);
        request.Attempts.Add(attempt);
        history.Trace?.Add($"{request} is sent to {attempt.Instance.Process.Name}");
        if (attempt.Instance.Process.IsAlive)
        {
            attempt.Instance.Attempts.Add(attempt);
            attempt.Instance.Process.In(Latency, () => _ = new Edge(history, attempt).AnswerAsync());
            history.Callers.In(patience, () => HangUp(attempt, patience));
        }
        else
        {
            attempt.End(new Reply(ReplyKind.Broken));
        }

        return await attempt.Reply;
    }

    /// <summary>Sends it until it is answered with images or with a refusal that sending again would not change.</summary>
    public async Task<Reply> SendUntilAnsweredAsync(LogicalRequest request, int triesMax, Func<TimeSpan> patience)
    {
        var reply = await SendAsync(request, patience());
        for (var tries = 1; tries < triesMax && IsWorthAnother(reply); tries++)
        {
            await WaitAsync(reply.Error?.RetryAfter ?? Random.UpTo(TimeSpan.FromSeconds(20)));
            reply = await SendAsync(request, patience());
        }

        return reply;
    }

    /// <summary>As <c>GET /v1/requests/{id}</c>, until it is known what became of the request.</summary>
    public async Task ReadUntilEndedAsync(string requestId)
    {
        for (var tries = 0; tries < 60; tries++)
        {
            var status = await AskAsync(requestId);
            if (status is { State: not (RequestState.Running or RequestState.Queued) }) return;
            await WaitAsync(TimeSpan.FromSeconds(15));
        }
    }

    /// <summary>With <c>Prefer: respond-async</c>.</summary>
    /// <returns>The job's id, or null: refused, or nobody knows.</returns>
    public async Task<string?> SendJobAsync(LogicalRequest request)
    {
        var attempt = new Attempt(request, AnyInstance(), history.Scheduler.Microseconds);
        request.Attempts.Add(attempt);
        if (!attempt.Instance.Process.IsAlive) return null;
        var accepted = new TaskCompletionSource<string?>();
        history.Trace?.Add($"{request} is sent to {attempt.Instance.Process.Name} as a job");
        attempt.Instance.Process.In(Latency, () => _ = new Edge(history, attempt).AcceptAsync(id => history.Callers.In(Latency, () => accepted.TrySetResult(id))));
        history.Callers.In(TimeSpan.FromMinutes(2), () => accepted.TrySetResult(null));
        return await accepted.Task;
    }

    public async Task CancelAsync(string id)
    {
        var instance = AnyInstance();
        var done = new TaskCompletionSource();
        instance.Process.In(Latency, () => _ = CancelAsync(instance, id, done));
        history.Callers.In(TimeSpan.FromMinutes(2), () => done.TrySetResult());
        await done.Task;
    }

    private async Task CancelAsync(Instance instance, string id, TaskCompletionSource done)
    {
        try
        {
            var isCancelled = (await instance.Cancel.RunAsync(account.Partition, id, CancellationToken.None)).TryGet(out var status, out _) && status.State == RequestState.Cancelled;
            if (isCancelled) account.Cancelled.Add(id);
            history.Counts.Cancelled += isCancelled ? 1 : 0;
            history.Trace?.Add($"{instance.Process.Name} says that {id} is {status?.State}");
        }
        catch (Exception cause)
        {
            history.CheckFault("cancelling a job", cause);
        }

        history.Callers.In(Latency, () => done.TrySetResult());
    }

    private async Task<RequestStatus?> AskAsync(string requestId)
    {
        var found = new TaskCompletionSource<RequestStatus?>();
        var instance = AnyInstance();
        instance.Process.In(Latency, () => _ = FindAsync(instance, requestId, found));

        // A process that dies or a store that is silent leaves the question open; it is asked again.
        history.Callers.In(TimeSpan.FromSeconds(10), () => found.TrySetResult(null));
        return await found.Task;
    }

    private async Task FindAsync(Instance instance, string requestId, TaskCompletionSource<RequestStatus?> found)
    {
        try
        {
            var status = (await instance.Find.RunAsync(account.Partition, requestId, CancellationToken.None)).TryGet(out var known, out _) ? known : null;
            history.Callers.In(Latency, () => found.TrySetResult(status));
        }
        catch (Exception cause)
        {
            history.CheckFault("reading a request", cause);
        }
    }

    private void HangUp(Attempt attempt, TimeSpan patience)
    {
        if (!attempt.End(new Reply(ReplyKind.HungUp))) return;
        history.Trace?.Add($"{attempt.Request} hangs up on {attempt.Instance.Process.Name}");
        if (patience == Forever && !attempt.Instance.HasPaused) history.Verdict.Fail("every call is answered", $"{attempt.Request} has waited for {attempt.Instance.Process.Name} for {patience}.");
        attempt.Instance.Process.In(Random.UpTo(NoticeMax), attempt.Connection.Cancel);
    }

    private TimeSpan Latency => Random.UpTo(TimeSpan.FromMilliseconds(20));

    private static bool IsWorthAnother(Reply reply) => reply.Kind != ReplyKind.Answered || reply.Error is { Retryable: true };
}
