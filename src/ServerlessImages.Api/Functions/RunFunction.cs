namespace ServerlessImages.Api.Functions;

/// <summary>Runs triggered work, whatever triggers it. Work that fails must not end the process that serves: it is logged, and the next run goes on.</summary>
internal sealed partial class RunFunction(IServiceProvider services, TimeProvider clock, ILogger<RunFunction> logger)
{
    /// <summary>How long a run may take. At <c>functionTimeout</c> in <c>host.json</c> the host would kill the process, with all other work in it.</summary>
    /// <value>15 minutes. The next run goes on where it stopped.</value>
    public static readonly TimeSpan TimeMax = TimeSpan.FromMinutes(15);

    /// <param name="call">What the Functions host posts, or nothing.</param>
    /// <returns>Whether it succeeded.</returns>
    public Task<bool> TryAsync(TriggeredFunction function, Stream call, CancellationToken cancel) => TryAsync(function.Name, ended => function.RunAsync(services, call, ended), cancel);

    /// <param name="message">The text that came through a queue.</param>
    /// <returns>Whether it succeeded.</returns>
    public Task<bool> TryAsync(QueueFunction function, string message, CancellationToken cancel) => TryAsync(function.Name, ended => function.Work(services, message, ended), cancel);

    private async Task<bool> TryAsync(string name, Func<CancellationToken, Task> work, CancellationToken cancel)
    {
        using var tooLate = new CancellationTokenSource(TimeMax, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, tooLate.Token);
        try
        {
            await work(either.Token);
            return true;
        }
#pragma warning disable CA1031 // Whatever it is, the next run goes on.
        catch (Exception cause) when (!cancel.IsCancellationRequested)
#pragma warning restore CA1031
        {
            Log.Failed(logger, name, cause);
            return false;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Error, Message = "{Function} failed; the next run goes on.")]
        public static partial void Failed(ILogger logger, string function, Exception cause);
    }
}
