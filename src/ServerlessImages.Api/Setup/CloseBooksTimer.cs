using ServerlessImages.Books;
using ServerlessImages.Ledger;

namespace ServerlessImages.Api.Setup;

/// <summary>Closes the books every night while the process lives, and what was missed when it starts. Several instances at once do no harm.</summary>
internal sealed partial class CloseBooksTimer(CloseBooks closeBooks, TimeProvider clock, ILogger<CloseBooksTimer> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(10);
    private DateOnly closedBefore;
    private bool hasFailed;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        do
        {
            var firstOpen = closeBooks.FirstOpenDay;
            if (firstOpen == closedBefore && !hasFailed) continue;
            await CloseAsync(stoppingToken);
            closedBefore = firstOpen;
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task CloseAsync(CancellationToken cancel)
    {
        hasFailed = false;
        try
        {
            await closeBooks.RunAsync(Report, Failed, cancel);
        }
#pragma warning disable CA1031 // A night that fails must not end the process that serves: the next run goes on.
        catch (Exception cause) when (!cancel.IsCancellationRequested)
#pragma warning restore CA1031
        {
            hasFailed = true;
            Log.Failed(logger, cause);
        }
    }

    private void Report(LedgerPartition partition, BooksDay day)
    {
        foreach (var difference in day.Differences) Log.Different(logger, partition.Key, day.Day, difference.Code, difference.Row, difference.Expected, difference.Found);
        if (day.Differences.Count == 0) Log.Balanced(logger, partition.Key, day.Day, day.Through.Sequence);
    }

    private void Failed(LedgerPartition partition, Exception cause)
    {
        hasFailed = true;
        Log.PartitionFailed(logger, partition.Key, cause);
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Information, Message = "The books of {Partition} for {Day} are balanced, through entry {Sequence}.")]
        public static partial void Balanced(ILogger logger, string partition, DateOnly day, long sequence);

        [LoggerMessage(Level = LogLevel.Critical, Message = "The books of {Partition} for {Day} differ: {Code} at {Row}: expected {Expected}, found {Found}.")]
        public static partial void Different(ILogger logger, string partition, DateOnly day, string code, string row, string expected, string found);

        [LoggerMessage(Level = LogLevel.Error, Message = "The books of {Partition} could not be closed; those of the others were.")]
        public static partial void PartitionFailed(ILogger logger, string partition, Exception cause);

        [LoggerMessage(Level = LogLevel.Error, Message = "The books could not be closed; the next run goes on.")]
        public static partial void Failed(ILogger logger, Exception cause);
    }
}
