using System.ComponentModel.DataAnnotations;
using System.Net;
using MimeKit;

namespace ServerlessImages.Smtp;

/// <summary>The mail server that takes notices to the owners of accounts. Without a host nothing is mailed.</summary>
public sealed class SmtpOptions : IValidatableObject
{
    public const string Section = "Smtp";

    private const int ImplicitTlsPort = 465;

    public string? Host { get; init; }

    /// <value>Default 587, the port of submission.</value>
    [Range(1, 65_535)]
    public int Port { get; init; } = 587;

    /// <summary>How the connection is encrypted.</summary>
    /// <value>Default <see cref="SmtpTls.Auto"/>.</value>
    public SmtpTls Tls { get; init; } = SmtpTls.Auto;

    /// <summary>Whom to sign in as; without one nobody signs in.</summary>
    public string? User { get; init; }

    /// <summary>Source: Key Vault secret <c>smtp-password</c>.</summary>
    public string? Password { get; init; }

    /// <summary>Whom mails come from: an address, or a name and an address in angle brackets.</summary>
    public string? From { get; init; }

    /// <summary>How long one mail may take: connecting, signing in and handing over together.</summary>
    /// <value>Default 15 seconds.</value>
    [Range(typeof(TimeSpan), "00:00:01", "00:01:00")]
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(15);

    internal bool IsOn => !string.IsNullOrEmpty(Host);

    /// <summary>How it is done in fact.</summary>
    internal SmtpTls Encryption => (Tls, Port) switch
    {
        (SmtpTls.Auto, ImplicitTlsPort) => SmtpTls.Implicit,
        (SmtpTls.Auto, _) => SmtpTls.StartTls,
        _ => Tls,
    };

    private bool IsLoopback => Host == "localhost" || (IPAddress.TryParse(Host, out var address) && IPAddress.IsLoopback(address));

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (!IsOn) yield break;
        if (!IsAddress(From)) yield return new ValidationResult("Smtp:From is an address, such as images@example.com, and set together with Smtp:Host.", [nameof(From)]);
        if (string.IsNullOrEmpty(User) != string.IsNullOrEmpty(Password)) yield return new ValidationResult("Smtp:User and Smtp:Password are set together.", [nameof(User)]);
        if (Tls == SmtpTls.None && !IsLoopback) yield return new ValidationResult("Smtp:Tls is None only with a loopback address: mails and the password would be readable on the way.", [nameof(Tls)]);
    }

    /// <summary>On its own, so that the library is loaded only where there is a host.</summary>
    private static bool IsAddress(string? text) => !string.IsNullOrEmpty(text) && MailboxAddress.TryParse(text, out var address) && address.Domain.Length > 0;
}

public enum SmtpTls
{
    /// <summary>From the first byte on port 465, by STARTTLS on others.</summary>
    Auto,

    /// <summary>By STARTTLS. A server that does not offer it gets nothing.</summary>
    StartTls,

    /// <summary>From the first byte.</summary>
    Implicit,

    /// <summary>Not at all: on a loopback address only.</summary>
    None,
}
