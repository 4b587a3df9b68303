using ServerlessImages.Api.Http;
using ServerlessImages.Images;
using ServerlessImages.Ledger;
using ServerlessImages.Storage;

namespace ServerlessImages.Api.Images;

/// <summary>What is left to do when an answer has been written out: forget what was abandoned, and delete what was not to be kept.</summary>
internal sealed partial class AnswerDelivery(AccountLedger ledger, DeleteResult delete, ILogger<AnswerDelivery> logger)
{
    /// <param name="wait">The caller's wait, which is over.</param>
    public async Task DoneAsync(HttpContext http, ImageOrder order, Generation generation, CallerWait wait)
    {
        await http.Response.BodyWriter.FlushAsync(CancellationToken.None);

        // Whoever hung up has not got it: it stays, to be adopted or fetched. Whoever hangs up from now on has it.
        var hasHungUp = http.RequestAborted.IsCancellationRequested;
        wait.Dispose();
        if (hasHungUp) return;

        var partition = http.Caller().Partition;
        try
        {
            if (generation.Adopted is { } abandoned) await ledger.ForgetAbandonedAsync(partition, abandoned, CancellationToken.None);
            if (order.Retention == Retention.Dropped) await delete.RunAsync(partition, generation.RequestId, CancellationToken.None);
        }
        catch (Exception cause) when (cause is StoreUnavailableException or WriteFateUnknownException)
        {
            // The caller has its answer: this is no error of its call.
            Log.NotTidied(logger, generation.RequestId, cause);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "After {RequestId} was answered, its result or its mark could not be deleted; retention will do it.")]
        public static partial void NotTidied(ILogger logger, string requestId, Exception cause);
    }
}
