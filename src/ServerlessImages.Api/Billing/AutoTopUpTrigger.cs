using System.Collections.Concurrent;
using ServerlessImages.Api.Setup;
using ServerlessImages.Billing;

namespace ServerlessImages.Api.Billing;

/// <summary>Looks after each request whether its account wants credit. Nobody waits for it: what it does not get done, the sweep does.</summary>
internal sealed partial class AutoTopUpTrigger(TopUpAutomatically topUp, RunningRequests running, ILogger<AutoTopUpTrigger> logger)
{
    private readonly ConcurrentDictionary<string, byte> looking = new(StringComparer.Ordinal);

    public void Look(string accountId)
    {
        if (looking.TryAdd(accountId, 0)) _ = running.Track(accountId, RunAsync(accountId));
    }

    private async Task<bool> RunAsync(string accountId)
    {
        try
        {
            await topUp.RunAsync(accountId, CancellationToken.None);
            return true;
        }
#pragma warning disable CA1031 // The request that it follows is done.
        catch (Exception cause)
#pragma warning restore CA1031
        {
            Log.Failed(logger, accountId, cause);
            return false;
        }
        finally
        {
            looking.TryRemove(accountId, out _);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Error, Message = "The automatic top-up of {Account} failed; the next run goes on.")]
        public static partial void Failed(ILogger logger, string account, Exception cause);
    }
}
