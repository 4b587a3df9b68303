using ServerlessImages.Books;
using ServerlessImages.Ledger;

namespace ServerlessImages.Api.Functions;

/// <summary>Closes the books of the days that are over, and says in the log what came of it. Several runs at once do no harm.</summary>
internal sealed partial class CloseBooksTimer(CloseBooks closeBooks, ILogger<CloseBooksTimer> logger)
{
    /// <summary>All before this day is closed, as far as this process knows: nothing is to be looked for until the next.</summary>
    private DateOnly closedBefore;

    public async Task RunAsync(CancellationToken cancel)
    {
        var firstOpen = closeBooks.FirstOpenDay;
        if (firstOpen == closedBefore) return;

        var isWhole = true;
        await closeBooks.RunAsync(Report, Failed, cancel);
        if (isWhole) closedBefore = firstOpen;

        void Failed(LedgerPartition partition, Exception cause)
        {
            isWhole = false;
            Log.PartitionFailed(logger, partition.Key, cause);
        }
    }

    private void Report(LedgerPartition partition, BooksDay day)
    {
        foreach (var difference in day.Differences) Log.Different(logger, partition.Key, day.Day, difference.Code, difference.Row, difference.Expected, difference.Found);
        if (day.Differences.Count == 0) Log.Balanced(logger, partition.Key, day.Day, day.Through.Sequence);
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Information, Message = "The books of {Partition} for {Day} are balanced, through entry {Sequence}.")]
        public static partial void Balanced(ILogger logger, string partition, DateOnly day, long sequence);

        [LoggerMessage(Level = LogLevel.Critical, Message = "The books of {Partition} for {Day} differ: {Code} at {Row}: expected {Expected}, found {Found}.")]
        public static partial void Different(ILogger logger, string partition, DateOnly day, string code, string row, string expected, string found);

        [LoggerMessage(Level = LogLevel.Error, Message = "The books of {Partition} could not be closed; those of the others were.")]
        public static partial void PartitionFailed(ILogger logger, string partition, Exception cause);
    }
}
