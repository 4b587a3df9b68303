using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Net;
using Microsoft.Extensions.Logging;
using MimeKit;
using ServerlessImages.Api.Functions;
using ServerlessImages.Ledger;
using ServerlessImages.Notices;
using ServerlessImages.Smtp;
using ServerlessImages.Tests.Portal;

namespace ServerlessImages.Tests.Adapters.Smtp;

/// <summary>What goes over the wire to a mail server, and what its answers mean.</summary>
public sealed class SmtpNoticeMailerTests : IAsyncDisposable
{
    private static readonly NoticeMail Mail = new("0123abcd", "ann@example.com", "The balance is low: Ünïcode 画像", "Line one.\n.\nLine two.\n");
    private readonly MailServer server = new();
    private readonly Lines log = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => server.DisposeAsync();

    [Fact]
    public async Task A_mail_goes_to_one_person_with_the_headers_of_a_machines_mail()
    {
        Assert.Equal(MailOutcome.Sent, await SendAsync(Mail));

        var message = await ReadAsync(Assert.Single(server.Messages));
        Assert.Equal(["<images@example.com>", "<ann@example.com>"], server.Commands.Where(each => each.StartsWith("MAIL", StringComparison.Ordinal) || each.StartsWith("RCPT", StringComparison.Ordinal)).Select(each => each.Split(':')[1].Split(' ')[0]));
        Assert.Equal(["Auto-Submitted", "Date", "From", "MIME-Version", "Message-Id", "Subject", "To"], message.Headers.Select(each => each.Field).Order(StringComparer.Ordinal));
        Assert.Equal(("\"Images\" <images@example.com>", "ann@example.com", Mail.Subject, "0123abcd@example.com", "auto-generated"), (message.From.ToString(), message.To.ToString(), message.Subject, message.MessageId, message.Headers["Auto-Submitted"]));
        Assert.Equal(Mail.Text, message.TextBody!.ReplaceLineEndings("\n"));
        Assert.True(message.Body!.ContentType.IsMimeType("text", "plain"));
    }

    [Theory]
    [InlineData("Low\r\nBcc: eve@example.com\r\n\r\nBuy now")]
    [InlineData("Low\nBcc: eve@example.com")]
    [InlineData("Low\rBcc: eve@example.com")]
    public async Task A_subject_cannot_become_a_second_header(string subject)
    {
        await SendAsync(Mail with { Subject = subject });

        var message = await ReadAsync(Assert.Single(server.Messages));
        Assert.Empty(message.Bcc);
        Assert.Equal(7, message.Headers.Count);
        Assert.Equal(Mail.Text, message.TextBody!.ReplaceLineEndings("\n"));
        Assert.Single(server.Commands, each => each.StartsWith("RCPT", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("")]
    [InlineData("ann")]
    [InlineData("ann@example.com, eve@example.com")]
    [InlineData("ann@example.com\r\nRCPT TO:<eve@example.com>")]
    [InlineData("Ann <eve@example.com>")]
    [InlineData("<eve@example.com>")]
    [InlineData("friends: eve@example.com;")]
    public async Task What_is_not_one_bare_address_is_refused_before_anybody_is_asked(string to)
    {
        Assert.Equal(MailOutcome.Refused, await SendAsync(Mail with { To = to }));
        Assert.Empty(server.Commands);
    }

    [Theory]
    [InlineData("RCPT", "550 no such user ann@example.com", "Refused")]
    [InlineData("RCPT", "450 try later", "Delayed")]
    [InlineData(".", "554 looks like spam", "Refused")]
    [InlineData(".", "451 try later", "Delayed")]
    [InlineData("MAIL", "550 not from you", "Unavailable")]
    public async Task Each_answer_of_the_server_has_its_meaning_and_nobodys_address_is_logged(string command, string answer, string expected)
    {
        server.Answers[command] = answer;

        Assert.Equal(Enum.Parse<MailOutcome>(expected), await SendAsync(Mail));
        Assert.DoesNotContain("ann", Assert.Single(log.All), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_without_encryption_gets_nothing_where_it_is_asked_for()
    {
        Assert.Equal(MailOutcome.Unavailable, await SendAsync(Mail, SmtpTls.Auto));
        Assert.DoesNotContain(server.Commands, each => each.StartsWith("MAIL", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_server_that_hangs_or_is_not_there_is_unavailable()
    {
        server.Hangs = true;
        Assert.Equal(MailOutcome.Unavailable, await SendAsync(Mail, timeout: TimeSpan.FromMilliseconds(50)));
        using var stopped = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => SendAsync(Mail, cancel: stopped.Token));

        var gone = new MailServer();
        await gone.DisposeAsync();
        Assert.Equal(MailOutcome.Unavailable, await SendAsync(Mail, port: gone.Port));
    }

    [Fact]
    public async Task A_password_is_sent_to_sign_in_and_a_wrong_one_is_told_without_it()
    {
        server.Answers["EHLO"] = "250-mail.example.com\r\n250 AUTH PLAIN";
        server.Answers["AUTH"] = "535 wrong: hunter2";

        Assert.Equal(MailOutcome.Unavailable, await SendAsync(Mail, user: "images", password: "hunter2"));
        Assert.Contains(server.Commands, each => each == "AUTH PLAIN " + Convert.ToBase64String("\0images\0hunter2"u8));
        Assert.DoesNotContain("hunter2", Assert.Single(log.All), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(587, SmtpTls.Auto, SmtpTls.StartTls)]
    [InlineData(465, SmtpTls.Auto, SmtpTls.Implicit)]
    [InlineData(465, SmtpTls.StartTls, SmtpTls.StartTls)]
    [InlineData(25, SmtpTls.Implicit, SmtpTls.Implicit)]
    public void The_connection_is_encrypted_as_the_port_says_unless_it_is_said(int port, SmtpTls tls, SmtpTls expected)
    {
        Assert.Equal(expected, new SmtpOptions { Host = "mail.example.com", Port = port, Tls = tls }.Encryption);
    }

    [Theory]
    [InlineData("mail.example.com", "images@example.com", "Auto", null, null, null)]
    [InlineData("mail.example.com", "Images <images@example.com>", "Implicit", "user", "password", null)]
    [InlineData("localhost", "images@example.com", "None", null, null, null)]
    [InlineData("::1", "images@example.com", "None", null, null, null)]
    [InlineData("", null, "None", "user", null, null)]
    [InlineData("mail.example.com", "images@example.com", "None", null, null, "Smtp:Tls")]
    [InlineData("localhost.example.com", "images@example.com", "None", null, null, "Smtp:Tls")]
    [InlineData("mail.example.com", null, "Auto", null, null, "Smtp:From")]
    [InlineData("mail.example.com", "images", "Auto", null, null, "Smtp:From")]
    [InlineData("mail.example.com", "images@example.com", "Auto", "user", null, "Smtp:User")]
    [InlineData("mail.example.com", "images@example.com", "Auto", null, "password", "Smtp:User")]
    public void What_cannot_work_or_would_be_readable_on_the_way_ends_the_start(string host, string? from, string tls, string? user, string? password, string? problem)
    {
        var options = new SmtpOptions { Host = host, From = from, Tls = Enum.Parse<SmtpTls>(tls), User = user, Password = password };
        var problems = new List<ValidationResult>();

        Validator.TryValidateObject(options, new ValidationContext(options), problems, validateAllProperties: true);

        if (problem is null) Assert.Empty(problems);
        else Assert.StartsWith(problem, Assert.Single(problems).ErrorMessage, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_product_mails_the_owner_of_an_account_that_was_stopped()
    {
        var portal = new PortalFixture();
        await using var product = await portal.StartAsync(("Smtp:Host", "127.0.0.1"), ("Smtp:Port", server.Port.ToString(CultureInfo.InvariantCulture)), ("Smtp:Tls", "None"), ("Smtp:From", "images@example.com"));
        using var owner = await portal.OwnerAsync();
        await portal.Of<AccountLedger>().StopAsync(owner.Live, StopReasons.Frozen, isOn: true);

        await portal.Of<SweepPaymentsTimer>().RunAsync(Cancel);

        var message = await ReadAsync(Assert.Single(server.Messages));
        Assert.StartsWith("This account is stopped: ", message.Subject!, StringComparison.Ordinal);
        Assert.Contains(product.Local.BaseUrl + "portal\n", message.TextBody!.ReplaceLineEndings("\n"), StringComparison.Ordinal);
    }

    private async Task<MailOutcome> SendAsync(NoticeMail mail, SmtpTls tls = SmtpTls.None, TimeSpan? timeout = null, string? user = null, string? password = null, int? port = null, CancellationToken? cancel = null)
    {
        var options = new SmtpOptions { Host = IPAddress.Loopback.ToString(), Port = port ?? server.Port, Tls = tls, From = "Images <images@example.com>", User = user, Password = password, Timeout = timeout ?? TimeSpan.FromSeconds(20) };
        return await new SmtpNoticeMailer(options, TimeProvider.System, log).SendAsync(mail, cancel ?? Cancel);
    }

    private static async Task<MimeMessage> ReadAsync(string text)
    {
        using var stream = new MemoryStream(System.Text.Encoding.Latin1.GetBytes(text));
        return await MimeMessage.LoadAsync(stream, Cancel);
    }

    /// <summary>What was logged.</summary>
    private sealed class Lines : ILogger<SmtpNoticeMailer>
    {
        public List<string> All { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => All.Add(formatter(state, exception) + exception);
    }
}
