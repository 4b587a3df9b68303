using System.Net;
using System.Net.Sockets;
using ServerlessImages.Webhooks;

namespace ServerlessImages.Tests.Adapters.Webhooks;

/// <summary>What goes out is what the standard says, and goes nowhere inside.</summary>
public sealed class WebhookSenderTests : IDisposable
{
    private readonly TcpListener inside = new(IPAddress.IPv6Any, 0) { Server = { DualMode = true } };

    public WebhookSenderTests() => inside.Start();

    public void Dispose() => inside.Dispose();

    /// <summary>The test can fail: where loopback counts as public, the listener notices.</summary>
    [Fact]
    public async Task The_listener_notices_where_the_policy_allows()
    {
        using var sender = ASender(PublicNetwork.CreateHandler("127.0.0.0/8", "::1/128"));

        var sending = SendAsync(sender, $"https://127.0.0.1:{Port}/");
        using (await inside.AcceptTcpClientAsync(TestContext.Current.CancellationToken))
        {
        }

        Assert.Equal("unreachable", (await sending).Problem);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("localhost")]
    [InlineData("[::1]")]
    [InlineData("[::ffff:127.0.0.1]")]
    [InlineData("2130706433")]
    [InlineData("0.0.0.0")]
    [InlineData("10.0.0.1")]
    [InlineData("169.254.169.254")]
    [InlineData("168.63.129.16")]
    [InlineData("[fd00::1]")]
    public async Task Nothing_inside_is_connected_to(string host)
    {
        using var sender = ASender(PublicNetwork.CreateHandler());

        Assert.Null((await SendAsync(sender, $"https://{host}:{Port}/")).Status);
        Assert.False(inside.Pending());
    }

    [Fact]
    public async Task Whose_address_leads_inside_is_told_so()
    {
        using var sender = ASender(PublicNetwork.CreateHandler());

        Assert.Equal(new WebhookAnswer(null, "not_public"), await SendAsync(sender, $"https://127.0.0.1:{Port}/"));
    }

    [Fact]
    public async Task Nothing_goes_out_unencrypted()
    {
        using var sender = ASender(PublicNetwork.CreateHandler("127.0.0.0/8"));

        Assert.Null((await SendAsync(sender, $"http://127.0.0.1:{Port}/")).Status);
        Assert.False(inside.Pending());
    }

    [Fact]
    public async Task A_message_has_the_standards_headers_and_its_body_as_it_was_signed()
    {
        using var network = new Scripted(_ => new HttpResponseMessage(HttpStatusCode.NoContent));
        using var sender = ASender(network);

        Assert.Equal(new WebhookAnswer(204, ""), await SendAsync(sender, "https://example.com/hook"));

        Assert.Equal("POST https://example.com/hook\nwebhook-id: evt_1\nwebhook-timestamp: 1764590000\nwebhook-signature: v1,abc v1,def\nUser-Agent: ServerlessImages\nContent-Type: application/json\n\n{\"type\":\"é\"}", Assert.Single(network.Requests).ReplaceLineEndings("\n"));
    }

    [Theory]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(307)]
    [InlineData(308)]
    public async Task A_redirect_is_the_answer_and_is_not_followed(int status)
    {
        using var network = new Scripted(_ => new HttpResponseMessage((HttpStatusCode)status) { Headers = { Location = new Uri("https://example.com/elsewhere") } });
        using var sender = ASender(network);

        Assert.Equal(status, (await SendAsync(sender, "https://example.com/hook")).Status);
        Assert.Single(network.Requests);
    }

    [Fact]
    public async Task How_long_it_asks_to_be_left_alone_is_heard()
    {
        using var network = new Scripted(_ => new HttpResponseMessage(HttpStatusCode.TooManyRequests) { Headers = { { "Retry-After", "120" } } });
        using var sender = ASender(network);

        Assert.Equal(new WebhookAnswer(429, "", TimeSpan.FromMinutes(2)), await SendAsync(sender, "https://example.com/hook"));
    }

    [Fact]
    public async Task One_that_never_answers_is_given_up_in_time_and_one_that_broke_off_at_once()
    {
        var clock = Sample.Clock();
        using var silent = new Scripted(_ => null);
        using var sender = new WebhookSender(new WebhookOptions(), silent, clock);
        var sending = SendAsync(sender, "https://example.com/hook");
        clock.Advance(TimeSpan.FromSeconds(15));

        using var broken = new Scripted(_ => throw new HttpRequestException("reset"));
        using var other = ASender(broken);

        Assert.Equal(new WebhookAnswer(null, "timed_out"), await sending);
        Assert.Equal(new WebhookAnswer(null, "unreachable"), await SendAsync(other, "https://example.com/hook"));
    }

    private int Port => ((IPEndPoint)inside.LocalEndpoint).Port;

    private static WebhookSender ASender(HttpMessageHandler network) => new(new WebhookOptions(), network, TimeProvider.System);

    private static Task<WebhookAnswer> SendAsync(WebhookSender sender, string url) =>
        sender.SendAsync(new WebhookMessage(new Uri(url), "evt_1", 1_764_590_000, "v1,abc v1,def", "{\"type\":\"é\"}"), TestContext.Current.CancellationToken);

    private sealed class Scripted(Func<HttpRequestMessage, HttpResponseMessage?> answer) : HttpMessageHandler
    {
        public List<string> Requests { get; } = [];

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var headers = request.Headers.Concat(request.Content!.Headers).Where(header => header.Key != "Content-Length").Select(header => $"{header.Key}: {string.Join(' ', header.Value)}");
            Requests.Add($"{request.Method} {request.RequestUri}\n{string.Join('\n', headers)}\n\n{await request.Content.ReadAsStringAsync(cancellationToken)}");
            if (answer(request) is { } response) return response;
            await Task.Delay(Timeout.Infinite, cancellationToken);
            throw new InvalidOperationException();
        }
    }
}
