using System.Buffers;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using Microsoft.Security.AntiSSRF;
using ServerlessImages.Images;

namespace ServerlessImages.Fetch;

/// <summary>Fetches over https, from port 443 of public addresses only.</summary>
/// <remarks>Nothing here is logged: an address may be a secret, such as a signed link.</remarks>
internal sealed class PublicImageFetcher : IImageFetcher, IDisposable
{
    private const int AddressCharactersMax = 8_192;
    private const int RedirectsMax = 3;
    private const int BufferBytes = 64 * 1024;

    private readonly FetchOptions options;
    private readonly TimeProvider clock;
    private readonly int port;
    private readonly HttpClient http;

    /// <param name="network">Where requests go; disposed with the fetcher.</param>
    /// <param name="port">443, but for tests.</param>
    public PublicImageFetcher(FetchOptions options, HttpMessageHandler network, TimeProvider clock, int port = 443)
    {
        (this.options, this.clock, this.port) = (options, clock, port);

        // The time-out is ours, and covers redirects and body too.
        http = new HttpClient(network) { Timeout = System.Threading.Timeout.InfiniteTimeSpan, DefaultRequestHeaders = { { "Accept", "image/png, image/jpeg, image/webp" }, { "User-Agent", "ServerlessImages" } } };
    }

    public async Task<FetchOutcome> FetchAsync(string url, Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> write, CancellationToken connection)
    {
        if (url.Length > AddressCharactersMax || !Uri.TryCreate(url, UriKind.Absolute, out var address) || !IsFetched(address)) return FetchOutcome.Refused;

        // Strangers are not told whose trace it is: its headers, and whatever baggage comes with them, would go along.
        Activity.Current = null;
        using var timeout = new CancellationTokenSource(options.Timeout, clock);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, connection);
        try
        {
            using var response = await FollowAsync(address, end.Token);
            return response is { StatusCode: HttpStatusCode.OK } && await CopyAsync(response, write, end.Token) ? FetchOutcome.Done : FetchOutcome.Unreachable;
        }
        catch (OperationCanceledException) when (!connection.IsCancellationRequested)
        {
            return FetchOutcome.Unreachable;
        }
        catch (BrokenFetchException)
        {
            return FetchOutcome.Unreachable;
        }
    }

    public void Dispose() => http.Dispose();

    /// <returns>The first answer that is no redirect; null if there is none in time, or one that leads where nothing is fetched.</returns>
    private async Task<HttpResponseMessage?> FollowAsync(Uri address, CancellationToken end)
    {
        for (var redirects = 0; ; redirects++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, address);
            var response = await FromNetworkAsync(http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, end));
            if (!IsRedirect(response.StatusCode)) return response;

            var next = response.Headers.Location is { } location && Uri.TryCreate(address, location, out var absolute) ? absolute : null;
            response.Dispose();
            if (next is null || redirects == RedirectsMax || !IsFetched(next)) return null;
            address = next;
        }
    }

    /// <returns>False if it is larger than it may be.</returns>
    private async Task<bool> CopyAsync(HttpResponseMessage response, Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> write, CancellationToken end)
    {
        if (response.Content.Headers.ContentLength > options.BytesMax) return false;

        await using var body = await FromNetworkAsync(response.Content.ReadAsStreamAsync(end));
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            var length = 0L;
            while (await FromNetworkAsync(body.ReadAsync(buffer, end).AsTask()) is > 0 and var read)
            {
                length += read;
                if (length > options.BytesMax) return false;
                await write(buffer.AsMemory(0, read), end);
            }

            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>What the text of an address alone must say. Where it leads is the network's to check, when it connects.</summary>
    private bool IsFetched(Uri address) => address.Scheme == Uri.UriSchemeHttps && address.Port == port && address.UserInfo.Length == 0 && address.Host.Length > 0;

    private static bool IsRedirect(HttpStatusCode status) => status is HttpStatusCode.MovedPermanently or HttpStatusCode.Found or HttpStatusCode.SeeOther or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect;

    /// <summary>All that a network can do wrong, or a strange host name, is the same to the caller; what our own disk does is not.</summary>
    private static async Task<T> FromNetworkAsync<T>(Task<T> waiting)
    {
        try
        {
            return await waiting;
        }
        catch (Exception cause) when (cause is AntiSSRFException or HttpRequestException or SocketException or IOException or AuthenticationException or InvalidOperationException or FormatException or ArgumentException)
        {
            throw new BrokenFetchException(cause);
        }
    }

    private sealed class BrokenFetchException(Exception cause) : Exception("The fetch broke off.", cause);
}
