using ServerlessImages.Billing;

namespace ServerlessImages.Api.Functions;

/// <summary>One run of the sweep of payments, and what the log says of it. Where nothing is sold there is no payment to sweep, and accounts are closed all the same.</summary>
internal sealed partial class SweepPaymentsTimer(ILogger<SweepPaymentsTimer> logger, CloseAccount close, SweepPayments? sweep = null)
{
    public async Task RunAsync(CancellationToken cancel)
    {
        await close.SweepAsync(Failed, cancel);
        if (sweep is not null) await sweep.RunAsync(Failed, cancel);

        void Failed(string what, Exception cause) => Log.Failed(logger, what, cause);
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Error, Message = "{What} could not be handled, and is tried again; the others were.")]
        public static partial void Failed(ILogger logger, string what, Exception cause);
    }
}
