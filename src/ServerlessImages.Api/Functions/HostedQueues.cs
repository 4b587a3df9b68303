using ServerlessImages.Storage;

namespace ServerlessImages.Api.Functions;

/// <summary>The queue functions where no Functions host calls them: some readers for each queue, while the process lives.</summary>
internal sealed partial class HostedQueues(IWorkQueue queues, RunFunction run, TimeProvider clock, ILogger<HostedQueues> logger) : BackgroundService
{
    /// <summary>As many as the Functions host works on at once: see <c>batchSize</c> and <c>newBatchThreshold</c> in <c>host.json</c>.</summary>
    private const int ReadersPerQueue = 12;

    /// <summary>As often as the Functions host tries: <c>maxDequeueCount</c>.</summary>
    private const int DeliveriesMax = 5;

    private static readonly TimeSpan ReadAgainAfter = TimeSpan.FromSeconds(1);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(FunctionList.All.OfType<QueueFunction>().SelectMany(function => Enumerable.Range(0, ReadersPerQueue).Select(_ => ReadAsync(function, stoppingToken))));

    private async Task ReadAsync(QueueFunction function, CancellationToken cancel)
    {
        while (!cancel.IsCancellationRequested)
        {
            try
            {
                await foreach (var message in queues.ReadAsync(function.Queue, RunFunction.TimeMax + ReadAgainAfter, cancel)) await WorkAsync(function, message, cancel);
            }
            catch (StoreUnavailableException cause)
            {
                Log.NotRead(logger, function.Queue, cause);
                await Task.Delay(ReadAgainAfter, clock, cancel);
            }
            catch (OperationCanceledException) when (cancel.IsCancellationRequested)
            {
                return;
            }
        }
    }

    /// <summary>What failed comes again when its time to be hidden is over; what fails always is given up: the row is there.</summary>
    private async Task WorkAsync(QueueFunction function, WorkMessage message, CancellationToken cancel)
    {
        if (await run.TryAsync(function, message.Text, cancel) || message.Deliveries >= DeliveriesMax) await queues.DoneAsync(message, cancel);
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "The queue {Queue} could not be read, and is read again.")]
        public static partial void NotRead(ILogger logger, string queue, Exception cause);
    }
}
