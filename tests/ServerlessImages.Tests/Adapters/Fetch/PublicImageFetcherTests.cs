using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Time.Testing;
using ServerlessImages.Fetch;
using ServerlessImages.Images;

namespace ServerlessImages.Tests.Adapters.Fetch;

/// <summary>No address of a caller's leads inside. Each test has a listener that would notice the attempt, on the one port that the fetcher may use.</summary>
public sealed class PublicImageFetcherTests : IDisposable
{
    private readonly TcpListener inside = new(IPAddress.IPv6Any, 0) { Server = { DualMode = true } };
    private readonly MemoryStream written = new();

    public PublicImageFetcherTests() => inside.Start();

    private int Port => ((IPEndPoint)inside.LocalEndpoint).Port;

    public void Dispose()
    {
        inside.Dispose();
        written.Dispose();
    }

    /// <summary>The test can fail: where loopback counts as public, the listener notices.</summary>
    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("[::1]")]
    [InlineData("localhost")]
    [InlineData("2130706433")]
    public async Task The_listener_notices_where_the_policy_allows(string host)
    {
        using var fetcher = AFetcher(PublicNetwork.CreateHandler("127.0.0.0/8", "::1/128"));

        var fetch = FetchAsync(fetcher, Address(host));
        using (await inside.AcceptTcpClientAsync(TestContext.Current.CancellationToken))
        {
        }

        Assert.Equal(FetchOutcome.Unreachable, await fetch);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.1.2.3")]
    [InlineData("localhost")]
    [InlineData("localhost.")]
    [InlineData("[::1]")]
    [InlineData("[::]")]
    [InlineData("0.0.0.0")]
    [InlineData("[::ffff:127.0.0.1]")]
    [InlineData("[::ffff:7f00:1]")]
    [InlineData("[64:ff9b::7f00:1]")]
    [InlineData("2130706433")]
    [InlineData("0x7f000001")]
    [InlineData("0177.0.0.1")]
    [InlineData("127.1")]
    [InlineData("10.0.0.1")]
    [InlineData("172.16.0.1")]
    [InlineData("192.168.0.1")]
    [InlineData("100.64.0.1")]
    [InlineData("169.254.169.254")]
    [InlineData("168.63.129.16")]
    [InlineData("[fe80::1]")]
    [InlineData("[fd00::1]")]
    [InlineData("[::ffff:10.0.0.1]")]
    [InlineData("224.0.0.1")]
    [InlineData("255.255.255.255")]
    public async Task Nothing_inside_is_connected_to(string host)
    {
        using var fetcher = AFetcher(PublicNetwork.CreateHandler());

        Assert.Equal(FetchOutcome.Unreachable, await FetchAsync(fetcher, Address(host)));
        Assert.False(inside.Pending());
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("localhost")]
    [InlineData("[::ffff:127.0.0.1]")]
    [InlineData("2130706433")]
    [InlineData("169.254.169.254")]
    public async Task A_redirect_leads_inside_no_more_than_an_address(string host)
    {
        using var network = new Redirecting(PublicNetwork.CreateHandler(), new Uri(Address(host)));
        using var fetcher = AFetcher(network);

        Assert.Equal(FetchOutcome.Unreachable, await FetchAsync(fetcher, Address("images.example")));
        Assert.Equal(2, network.Requests);
        Assert.False(inside.Pending());
    }

    [Theory]
    [InlineData("http://images.example:{0}/b.png")]
    [InlineData("https://images.example:1{0}/b.png")]
    [InlineData("https://me:secret@images.example:{0}/b.png")]
    [InlineData("file:///etc/passwd")]
    public async Task A_redirect_is_held_to_what_an_address_is_held_to(string location)
    {
        using var network = new Redirecting(new Answering(_ => Image(10)), new Uri(string.Format(CultureInfo.InvariantCulture, location, Port % 10_000)));
        using var fetcher = AFetcher(network, port: Port % 10_000);

        Assert.Equal(FetchOutcome.Unreachable, await FetchAsync(fetcher, string.Create(CultureInfo.InvariantCulture, $"https://images.example:{Port % 10_000}/a.png")));
        Assert.Equal(0, written.Length);
    }

    [Theory]
    [InlineData("http://images.example/a.png")]
    [InlineData("https://images.example:8443/a.png")]
    [InlineData("https://me:secret@images.example/a.png")]
    [InlineData("https://me@images.example/a.png")]
    [InlineData("ftp://images.example/a.png")]
    [InlineData("file:///etc/passwd")]
    [InlineData("/etc/passwd")]
    [InlineData("images.example/a.png")]
    [InlineData("https://")]
    [InlineData("")]
    public async Task What_an_address_says_itself_refuses_it(string url)
    {
        using var fetcher = AFetcher(new Answering(_ => throw new InvalidOperationException("Nothing is sent.")), port: 443);

        Assert.Equal(FetchOutcome.Refused, await FetchAsync(fetcher, url));
        Assert.Equal(FetchOutcome.Refused, await FetchAsync(fetcher, "https://images.example/" + new string('a', 8_192)));
    }

    [Fact]
    public async Task An_image_comes_whole()
    {
        using var fetcher = AFetcher(new Answering(_ => Image(100_000)), port: 443);

        Assert.Equal(FetchOutcome.Done, await FetchAsync(fetcher, "https://images.example/a.png?sig=secret"));
        Assert.Equal(100_000, written.Length);
    }

    [Theory]
    [InlineData(3, FetchOutcome.Done)]
    [InlineData(4, FetchOutcome.Unreachable)]
    public async Task Three_redirects_are_followed(int redirects, FetchOutcome outcome)
    {
        using var fetcher = AFetcher(new Answering(request => int.Parse(request.RequestUri!.Query[1..], CultureInfo.InvariantCulture) is > 0 and var left
            ? new HttpResponseMessage(HttpStatusCode.Found) { Headers = { Location = new Uri(string.Create(CultureInfo.InvariantCulture, $"?{left - 1}"), UriKind.Relative) } }
            : Image(10)), port: 443);

        Assert.Equal(outcome, await FetchAsync(fetcher, string.Create(CultureInfo.InvariantCulture, $"https://images.example/a?{redirects}")));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Too_many_bytes_are_cut_off_whether_they_are_announced_or_not(bool announced)
    {
        using var fetcher = AFetcher(new Answering(_ => Image(1_025, announced)), port: 443, new FetchOptions { BytesMax = 1_024 });

        Assert.Equal(FetchOutcome.Unreachable, await FetchAsync(fetcher, "https://images.example/a.png"));
        Assert.InRange(written.Length, 0, 1_024);
    }

    [Theory]
    [InlineData(HttpStatusCode.NotFound)]
    [InlineData(HttpStatusCode.NoContent)]
    [InlineData(HttpStatusCode.InternalServerError)]
    public async Task Anything_but_200_brings_nothing(HttpStatusCode status)
    {
        using var fetcher = AFetcher(new Answering(_ => new HttpResponseMessage(status) { Content = new ByteArrayContent(new byte[10]) }), port: 443);

        Assert.Equal(FetchOutcome.Unreachable, await FetchAsync(fetcher, "https://images.example/a.png"));
        Assert.Equal(0, written.Length);
    }

    [Fact]
    public async Task What_takes_too_long_is_given_up()
    {
        var clock = new FakeTimeProvider();
        using var fetcher = new PublicImageFetcher(new FetchOptions(), new Never(), clock);

        var fetch = FetchAsync(fetcher, "https://images.example/a.png");
        clock.Advance(TimeSpan.FromSeconds(9));
        Assert.False(fetch.IsCompleted);
        clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(FetchOutcome.Unreachable, await fetch);
    }

    [Fact]
    public async Task A_caller_who_has_gone_ends_the_fetching()
    {
        using var gone = new CancellationTokenSource();
        using var fetcher = new PublicImageFetcher(new FetchOptions(), new Never(), TimeProvider.System);

        var fetch = fetcher.FetchAsync("https://images.example/a.png", WriteAsync, gone.Token);
        await gone.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => fetch);
    }

    [Fact]
    public async Task A_full_disk_is_our_fault_and_not_the_addresss()
    {
        using var fetcher = AFetcher(new Answering(_ => Image(10)), port: 443);

        await Assert.ThrowsAsync<IOException>(() => fetcher.FetchAsync("https://images.example/a.png", (_, _) => throw new IOException("No space left."), TestContext.Current.CancellationToken));
    }

    private PublicImageFetcher AFetcher(HttpMessageHandler network, int? port = null, FetchOptions? options = null) => new(options ?? new(), network, TimeProvider.System, port ?? Port);

    private string Address(string host) => string.Create(CultureInfo.InvariantCulture, $"https://{host}:{Port}/a.png");

    private Task<FetchOutcome> FetchAsync(PublicImageFetcher fetcher, string url) => fetcher.FetchAsync(url, WriteAsync, TestContext.Current.CancellationToken);

    private async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancel) => await written.WriteAsync(bytes, cancel);

    private static HttpResponseMessage Image(int bytes, bool announced = true) => new(HttpStatusCode.OK) { Content = announced ? new ByteArrayContent(new byte[bytes]) : new Unannounced(bytes) };

    private sealed class Answering(Func<HttpRequestMessage, HttpResponseMessage> answer) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => Task.FromResult(answer(request));
    }

    /// <summary>Sends the first request elsewhere, and all others to the network.</summary>
    private sealed class Redirecting(HttpMessageHandler network, Uri location) : DelegatingHandler(network)
    {
        public int Requests { get; private set; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Requests++ == 0 ? Task.FromResult(new HttpResponseMessage(HttpStatusCode.Found) { Headers = { Location = location } }) : base.SendAsync(request, cancellationToken);
    }

    private sealed class Never : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
            return new HttpResponseMessage();
        }
    }

    private sealed class Unannounced(int bytes) : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => stream.WriteAsync(new byte[bytes]).AsTask();

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
