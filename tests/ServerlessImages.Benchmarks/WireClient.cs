using System.Net.Sockets;
using System.Text;

namespace ServerlessImages.Benchmarks;

/// <summary>One caller: one kept connection, and the same request sent again and again.</summary>
internal sealed class WireClient : IDisposable
{
    private readonly Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] request;
    private readonly WireReader reader;

    private WireClient(byte[] request)
    {
        this.request = request;
        reader = new WireReader(socket);
    }

    public static async Task<WireClient> ConnectAsync(Target target, CancellationToken cancel)
    {
        var client = new WireClient(target.Request);
        await client.socket.ConnectAsync(target.Address.Host, target.Address.Port, cancel);
        return client;
    }

    /// <param name="copy">Gets the answer's body, or null to drop it.</param>
    public async ValueTask<WireAnswer> SendAsync(Stream? copy, CancellationToken cancel)
    {
        for (var sent = 0; sent < request.Length;) sent += await socket.SendAsync(request.AsMemory(sent), SocketFlags.None, cancel);
        var head = await reader.ReadHeadAsync(cancel);
        if (head.IsEmpty) throw new IOException("The connection was closed without an answer.");

        var (status, cost) = (int.Parse(head.Span[9..12], System.Globalization.CultureInfo.InvariantCulture), CostOf(head.Span));
        var length = await reader.ReadBodyAsync(WireReader.ContentLength(head.Span), WireReader.IsChunked(head.Span), copy, cancel);
        return new WireAnswer(status, cost, length);
    }

    public void Dispose() => socket.Dispose();

    /// <summary>What the answer says it cost; nothing on answers that are not the product's.</summary>
    private static Money CostOf(ReadOnlySpan<byte> head)
    {
        var text = WireReader.Header(head, "x-cost-usd"u8);
        return text.IsEmpty ? Money.Zero : new Money((long)(decimal.Parse(text, System.Globalization.CultureInfo.InvariantCulture) * Money.MicrosPerDollar));
    }
}

internal readonly record struct WireAnswer(int Status, Money Cost, long BodyBytes);

/// <summary>Where a request goes, and its bytes.</summary>
internal sealed record Target(Uri Address, byte[] Request)
{
    public static Target Post(Uri address, string key, string json) => new(address, Encoding.ASCII.GetBytes(
        $"POST {address.PathAndQuery} HTTP/1.1\r\nHost: {address.Authority}\r\nAuthorization: Bearer {key}\r\nContent-Type: application/json\r\nContent-Length: {json.Length}\r\n\r\n{json}"));
}
