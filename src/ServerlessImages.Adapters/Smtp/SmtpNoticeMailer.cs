using System.Net.Sockets;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using Microsoft.Extensions.Logging;
using MimeKit;
using ServerlessImages.Notices;

namespace ServerlessImages.Smtp;

/// <summary>Hands mails to a mail server, each on a connection of its own: they are few.</summary>
/// <remarks>The log says what kind of failure it was and its code; what a server answers may name people.</remarks>
internal sealed partial class SmtpNoticeMailer(SmtpOptions options, TimeProvider clock, ILogger<SmtpNoticeMailer> logger) : INoticeMailer
{
    /// <summary>Codes from here on are for good. Source: RFC 5321, 4.2.1.</summary>
    private const int PermanentFrom = 500;

    private readonly MailboxAddress from = MailboxAddress.Parse(options.From!);

    public async Task<MailOutcome> SendAsync(NoticeMail mail, CancellationToken cancel)
    {
        // Only a bare address: what an identity provider tells may be a list, or have a name that says something else.
        if (!MailboxAddress.TryParse(mail.To, out var to) || to.Address != mail.To || to.Domain.Length == 0) return MailOutcome.Refused;

        using var tooLate = new CancellationTokenSource(options.Timeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, tooLate.Token);
        try
        {
            using var client = new SmtpClient();
            await ConnectAsync(client, either.Token);
            using var message = MessageOf(mail, to);
            return await HandOverAsync(client, message, either.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            Log.TooSlow(logger, options.Timeout);
            return MailOutcome.Unavailable;
        }
        catch (Exception cause) when (cause is SocketException or IOException or ProtocolException or CommandException or AuthenticationException or SslHandshakeException or ServiceNotConnectedException or NotSupportedException)
        {
            Log.Unavailable(logger, cause.GetType().Name);
            return MailOutcome.Unavailable;
        }
    }

    private async Task ConnectAsync(SmtpClient client, CancellationToken cancel)
    {
        await client.ConnectAsync(options.Host!, options.Port, Security(options.Encryption), cancel);
        if (!string.IsNullOrEmpty(options.User)) await client.AuthenticateAsync(options.User, options.Password!, cancel);
    }

    private async Task<MailOutcome> HandOverAsync(SmtpClient client, MimeMessage message, CancellationToken cancel)
    {
        try
        {
            await client.SendAsync(message, cancel);
        }
        catch (SmtpCommandException refused) when (refused.ErrorCode is SmtpErrorCode.RecipientNotAccepted or SmtpErrorCode.MessageNotAccepted)
        {
            Log.NotTaken(logger, (int)refused.StatusCode);
            return (int)refused.StatusCode >= PermanentFrom ? MailOutcome.Refused : MailOutcome.Delayed;
        }

        // It has been taken. Saying goodbye is a courtesy, and closing the connection says it too.
        return MailOutcome.Sent;
    }

    /// <summary>The library encodes what is not ASCII, and folds: a header cannot become two.</summary>
    private MimeMessage MessageOf(NoticeMail mail, MailboxAddress to)
    {
        var message = new MimeMessage { Subject = mail.Subject, MessageId = $"{mail.Id}@{from.Domain}", Date = clock.GetUtcNow(), Body = new TextPart("plain") { Text = mail.Text } };
        message.From.Add(from);
        message.To.Add(to);

        // Nobody's absence is to be answered to it. Source: RFC 3834, 5.
        message.Headers.Add("Auto-Submitted", "auto-generated");
        return message;
    }

    private static SecureSocketOptions Security(SmtpTls encryption) => encryption switch
    {
        SmtpTls.Implicit => SecureSocketOptions.SslOnConnect,
        SmtpTls.None => SecureSocketOptions.None,
        _ => SecureSocketOptions.StartTls,
    };

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "The mail server took longer than {Timeout}: notices are mailed later.")]
        public static partial void TooSlow(ILogger logger, TimeSpan timeout);

        [LoggerMessage(Level = LogLevel.Warning, Message = "The mail server could not be used ({Cause}): notices are mailed later.")]
        public static partial void Unavailable(ILogger logger, string cause);

        [LoggerMessage(Level = LogLevel.Warning, Message = "The mail server did not take a notice: {Status}.")]
        public static partial void NotTaken(ILogger logger, int status);
    }
}
