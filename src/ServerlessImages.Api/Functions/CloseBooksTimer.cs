using ServerlessImages.Books;
using ServerlessImages.Ledger;

namespace ServerlessImages.Api.Functions;

/// <summary>Closes the books of the days that are over, holds them against the collector, and says in the log what came of it. Several runs at once do no harm.</summary>
/// <param name="compare">Null where there is no collector.</param>
internal sealed partial class CloseBooksTimer(CloseBooks closeBooks, ILogger<CloseBooksTimer> logger, CompareCollector? compare = null)
{
    /// <summary>All before this day is closed, as far as this process knows: nothing is to be looked for until the next.</summary>
    private DateOnly closedBefore;

    public async Task RunAsync(CancellationToken cancel)
    {
        var firstOpen = closeBooks.FirstOpenDay;
        if (firstOpen == closedBefore) return;

        var isWhole = true;
        await closeBooks.RunAsync(Report, Report, Failed, cancel);
        if (compare is not null) await CompareAsync(compare);
        if (isWhole) closedBefore = firstOpen;

        async Task CompareAsync(CompareCollector with)
        {
            await with.RunAsync(Report, NotCompared, cancel);
            await with.ConcludeAsync(isWhole, cancel);
        }

        void Failed(LedgerPartition partition, Exception cause)
        {
            isWhole = false;
            Log.PartitionFailed(logger, partition.Key, cause);
        }

        void NotCompared(string what, Exception cause)
        {
            isWhole = false;
            Log.NotCompared(logger, what, cause);
        }
    }

    private void Report(LedgerPartition partition, BooksDay day)
    {
        foreach (var difference in day.Differences) Log.Different(logger, partition.Key, day.Day, difference.Code, difference.Row, difference.Expected, difference.Found);
        if (day.Differences.Count == 0) Log.Balanced(logger, partition.Key, day.Day, day.Through.Sequence);
    }

    private void Report(CollectorDifference each)
    {
        var (account, day, difference) = (each.Account, each.Mismatch.Day, each.Mismatch.Difference);
        Log.DiffersFromCollector(logger, account, day, difference.Code, difference.Row, difference.Expected, difference.CollectorRow, difference.Found);
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Information, Message = "The books of {Partition} for {Day} are balanced, through entry {Sequence}.")]
        public static partial void Balanced(ILogger logger, string partition, DateOnly day, long sequence);

        [LoggerMessage(Level = LogLevel.Critical, Message = "The books of {Partition} for {Day} differ: {Code} at {Row}: expected {Expected}, found {Found}.")]
        public static partial void Different(ILogger logger, string partition, DateOnly day, string code, string row, string expected, string found);

        [LoggerMessage(Level = LogLevel.Critical, Message = "The books of {Partition} for {Day} differ from the collector: {Code}: {Row} says {Expected}, and {CollectorRow} there says {Found}.")]
        public static partial void DiffersFromCollector(ILogger logger, string partition, DateOnly day, string code, string row, string expected, string collectorRow, string found);

        [LoggerMessage(Level = LogLevel.Error, Message = "The books could not be held against the collector for {What}; all else was. It is tried again in the next run.")]
        public static partial void NotCompared(ILogger logger, string what, Exception cause);

        [LoggerMessage(Level = LogLevel.Error, Message = "The books of {Partition} could not be closed, or not be held against the collector; those of the others were.")]
        public static partial void PartitionFailed(ILogger logger, string partition, Exception cause);
    }
}
