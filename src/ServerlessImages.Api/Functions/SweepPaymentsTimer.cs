using ServerlessImages.Billing;

namespace ServerlessImages.Api.Functions;

/// <summary>One run of the sweep of payments, and what the log says of it. Where nothing is sold there is nothing to sweep.</summary>
internal sealed partial class SweepPaymentsTimer(ILogger<SweepPaymentsTimer> logger, SweepPayments? sweep = null, CloseAccount? close = null)
{
    public async Task RunAsync(CancellationToken cancel)
    {
        if (close is not null) await close.SweepAsync(Failed, cancel);
        if (sweep is not null) await sweep.RunAsync(Failed, cancel);

        void Failed(string what, Exception cause) => Log.Failed(logger, what, cause);
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Error, Message = "{What} could not be handled, and is tried again; the others were.")]
        public static partial void Failed(ILogger logger, string what, Exception cause);
    }
}
