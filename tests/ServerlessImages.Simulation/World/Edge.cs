using ServerlessImages.Images;
using ServerlessImages.Ledger;
using ServerlessImages.Storage;

namespace ServerlessImages.Simulation.World;

/// <summary>What stands between a caller and the use case, without HTTP: the API's StartGeneration, PlainAnswer and AnswerDelivery, step by step.</summary>
internal sealed class Edge(History history, Attempt attempt)
{
    private readonly Instance instance = attempt.Instance;

    public async Task AnswerAsync()
    {
        using var wait = instance.Pending.Wait(attempt.Request.Caller, attempt.HungUp);
        var progress = new Progress(attempt, wait);
        var work = GenerateAsync(progress);
        await Task.WhenAny(progress.Begun, work);
        if (!await IsDoneInTimeAsync(work)) await WriteAsync(ApiError.StillGenerating(progress.RequestId), wait);
        else await WriteAsync(await work, wait);
    }

    /// <summary>The API's JobAnswer.</summary>
    public async Task AcceptAsync(Action<string?> answer)
    {
        var accepted = await TryAcceptAsync();
        if (accepted.TryGet(out var request, out var error))
        {
            if (request.Hold is not null) attempt.AddHold(request.Id!);
            history.Accept(attempt, request.Id!);
        }
        else
        {
            history.Write(attempt, error, isHeard: true);
        }

        answer(request?.Id);
    }

    private async Task<Result<OpenedRequest>> TryAcceptAsync()
    {
        try
        {
            return await instance.Accept.RunAsync(attempt.Request.Caller, instance.Ledger.NextRequestId(), attempt.Request.Order, CancellationToken.None);
        }
        catch (Exception cause)
        {
            history.CheckFault(attempt.Request.ToString(), cause);
            return (cause is StoreUnavailableException ? ApiError.StorageUnavailable : ApiError.ServerError) with { Cause = cause.Message };
        }
    }

    private async Task<Result<Generation>> GenerateAsync(Progress progress)
    {
        try
        {
            return await instance.Generate.RunAsync(attempt.Request.Caller, instance.Ledger.NextRequestId(), attempt.Request.Order, progress, attempt.HungUp);
        }
        catch (OperationCanceledException) when (attempt.HungUp.IsCancellationRequested)
        {
            return ApiError.ServerError with { Cause = "nobody is there" };
        }
        catch (Exception cause)
        {
            history.CheckFault(attempt.Request.ToString(), cause);
            return (cause is StoreUnavailableException ? ApiError.StorageUnavailable : ApiError.ServerError) with { Cause = cause.Message };
        }
    }

    private async Task<bool> IsDoneInTimeAsync(Task work)
    {
        using var timer = new CancellationTokenSource();
        var done = await Task.WhenAny(work, Task.Delay(history.Plan.PlainWait, instance.Clock, timer.Token));
        timer.Cancel();
        return done == work;
    }

    private async Task WriteAsync(Result<Generation> answer, CallerWait wait)
    {
        var hasHungUp = attempt.HungUp.IsCancellationRequested;
        history.Write(attempt, answer, isHeard: !hasHungUp);
        wait.Dispose();
        if (hasHungUp || !answer.TryGet(out var generation, out _)) return;

        try
        {
            var partition = attempt.Request.Account.Partition;
            if (generation.Adopted is { } abandoned) await instance.Ledger.ForgetAbandonedAsync(partition, abandoned, CancellationToken.None);
            if (attempt.Request.Order.Retention == Retention.Dropped) await instance.Delete.RunAsync(partition, generation.RequestId, CancellationToken.None);
        }
        catch (Exception cause)
        {
            history.CheckFault("tidying up after an answer", cause);
        }
    }

    private sealed class Progress(Attempt attempt, CallerWait wait) : IGenerationListener
    {
        private readonly TaskCompletionSource begun = new();

        public Task Begun => begun.Task;

        public string RequestId { get; private set; } = "";

        public void OnBegun(string requestId, OpenHold? hold)
        {
            if (hold is not null)
            {
                attempt.AddHold(requestId);
                wait.Held(hold);
            }

            // As in the API, the id that is told is the first.
            if (RequestId.Length == 0) RequestId = requestId;
            begun.TrySetResult();
        }

        public ValueTask OnPartialAsync(PartialImage partial) => ValueTask.CompletedTask;
    }
}
