namespace ServerlessImages.Notices;

/// <summary>Takes notices to people outside of the portal. Where there is none, nothing is mailed.</summary>
public interface INoticeMailer
{
    /// <summary>Mails one person, once. Whatever a server or an address is like is an outcome, not an exception; what a server said is not passed on.</summary>
    /// <exception cref="OperationCanceledException">It is not known whether the mail is on its way.</exception>
    Task<MailOutcome> SendAsync(NoticeMail mail, CancellationToken cancel);
}

/// <summary>What became of a mail.</summary>
public enum MailOutcome
{
    /// <summary>The server has taken it.</summary>
    Sent,

    /// <summary>It will never go to this address.</summary>
    Refused,

    /// <summary>It may go to this address later.</summary>
    Delayed,

    /// <summary>Nothing can be mailed to anybody at present.</summary>
    Unavailable,
}

/// <param name="Id">Letters and digits: the same at each try, so that a mailbox that got it twice can show it once.</param>
/// <param name="To">One address, as an identity provider told it: it may be anything.</param>
/// <param name="Subject">One line, without control characters.</param>
/// <param name="Text">Plain text; lines end in LF.</param>
public sealed record NoticeMail(string Id, string To, string Subject, string Text);
