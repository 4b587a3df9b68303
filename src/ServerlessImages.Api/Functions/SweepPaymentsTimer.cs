using ServerlessImages.Billing;
using ServerlessImages.Notices;
using ServerlessImages.Storage;

namespace ServerlessImages.Api.Functions;

/// <summary>
/// One run of the sweep of payments, and what the log says of it; then what accounts' people have to know is mailed, where there is a mail server. Where nothing is sold there is no payment to
/// sweep, and accounts are closed all the same.
/// </summary>
internal sealed partial class SweepPaymentsTimer(ILogger<SweepPaymentsTimer> logger, CloseAccount close, SweepPayments? sweep = null, MailNotices? mail = null)
{
    public async Task RunAsync(CancellationToken cancel)
    {
        try
        {
            await close.SweepAsync(Failed, cancel);
            if (sweep is not null) await sweep.RunAsync(Failed, cancel);
        }
        finally
        {
            // Also when payments could not be swept, which is what people may have to know of.
            if (mail is not null) await MailAsync(mail, cancel);
        }
    }

    private async Task MailAsync(MailNotices mail, CancellationToken cancel)
    {
        try
        {
            await mail.RunAsync((account, kind) => Log.Undelivered(logger, kind, account), (account, cause) => Failed($"What is to be mailed of {account}", cause), cancel);
        }
        catch (StoreUnavailableException cause)
        {
            Failed("The mail of notices", cause);
        }
    }

    private void Failed(string what, Exception cause) => Log.Failed(logger, what, cause);

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Error, Message = "{What} could not be handled, and is tried again; the others were.")]
        public static partial void Failed(ILogger logger, string what, Exception cause);

        [LoggerMessage(Level = LogLevel.Warning, Message = "The notice {Kind} of {Account} did not reach an owner by mail, and is not tried again: it is shown in the portal.")]
        public static partial void Undelivered(ILogger logger, NoticeKind kind, string account);
    }
}
