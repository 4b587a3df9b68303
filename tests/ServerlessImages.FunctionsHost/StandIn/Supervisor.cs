namespace ServerlessImages.FunctionsHost.StandIn;

/// <summary>Keeps a handler running as the Functions host does.</summary>
internal sealed class Supervisor : IAsyncDisposable
{
    private const int Dead = 0;
    private const int DeliberateRestart = 200;
    private const int ErrorsMax = 3;
    private readonly Func<HandlerProcess> start;
    private readonly Task supervising;
    private TaskCompletionSource<HandlerProcess> serving = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile HandlerProcess? current;
    private volatile bool isStopping;

    public Supervisor(Func<HandlerProcess> start)
    {
        this.start = start;
        supervising = SuperviseAsync();
    }

    /// <summary>The handler, once it answers. Requests that come meanwhile wait.</summary>
    /// <exception cref="HttpRequestException">There will be none any more.</exception>
    public Task<HandlerProcess> Serving => serving.Task;

    /// <summary>What each handler that ended left as its exit code.</summary>
    public List<int> ExitCodes { get; } = [];

    /// <summary>What the last one wrote.</summary>
    public string Output => current?.Output ?? "";

    /// <summary>Ends when no handler will be started any more.</summary>
    public Task GivenUp => supervising;

    public async ValueTask DisposeAsync()
    {
        isStopping = true;
        try
        {
            (await serving.Task).Kill();
        }
        catch (HttpRequestException)
        {
            // It has given up already.
        }

        await supervising;
    }

    private async Task SuperviseAsync()
    {
        for (var errors = 0; errors < ErrorsMax && !isStopping;)
        {
            await using var handler = current = start();
            if (await handler.ReadyAsync()) serving.TrySetResult(handler);
            var exitCode = await handler.ExitCodeAsync();
            ExitCodes.Add(exitCode);
            if (serving.Task.IsCompleted) serving = new(TaskCreationOptions.RunContinuationsAsynchronously);
            if (exitCode == Dead) break;
            if (exitCode != DeliberateRestart) errors++;
        }

        serving.TrySetException(new HttpRequestException("There is no handler any more."));
        _ = serving.Task.Exception;
    }
}
