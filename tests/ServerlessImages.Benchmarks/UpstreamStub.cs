using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ServerlessImages.Benchmarks;

/// <summary>Azure OpenAI's wire with nothing behind it: after a delay, the same finished image as server-sent events, written out beforehand.</summary>
internal sealed class UpstreamStub : IDisposable
{
    /// <summary>The tokens of a low image of 1024x1024; the price book makes the charge of them.</summary>
    private const string Usage = """{"input_tokens":12,"input_tokens_details":{"image_tokens":0,"text_tokens":12},"output_tokens":195,"output_tokens_details":{"image_tokens":195,"text_tokens":0},"total_tokens":207}""";

    /// <summary>As large as TLS records are, in which real answers come.</summary>
    private const int ChunkBytes = 16 * 1024;

    private readonly Socket listener = new(SocketType.Stream, ProtocolType.Tcp);
    private readonly CancellationTokenSource stopping = new();
    private readonly TimeSpan delay;
    private readonly byte[] answer;
    private int calls;

    public UpstreamStub(byte[] image, TimeSpan delay)
    {
        this.delay = delay;
        answer = Answer(image);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(backlog: 512);
        _ = AcceptAsync();
    }

    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndPoint!).Port.ToString(CultureInfo.InvariantCulture)}/");

    /// <summary>How many images were asked for so far.</summary>
    public int Calls => Volatile.Read(ref calls);

    public void Dispose()
    {
        stopping.Cancel();
        listener.Dispose();
        stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true) _ = ServeAsync(await listener.AcceptAsync(stopping.Token));
        }
        catch (Exception end) when (end is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The benchmark is over.
        }
    }

    private async Task ServeAsync(Socket connection)
    {
        using var socket = connection;
        socket.NoDelay = true;
        var reader = new WireReader(socket);
        try
        {
            while (await reader.ReadHeadAsync(CancellationToken.None) is { IsEmpty: false } head)
            {
                await reader.ReadBodyAsync(WireReader.ContentLength(head.Span), WireReader.IsChunked(head.Span), copy: null, CancellationToken.None);
                Interlocked.Increment(ref calls);
                if (delay > TimeSpan.Zero) await Task.Delay(delay);
                for (var sent = 0; sent < answer.Length;) sent += await socket.SendAsync(answer.AsMemory(sent), SocketFlags.None);
            }
        }
        catch (Exception end) when (end is SocketException or IOException)
        {
            // The caller closed its connection.
        }
    }

    private static byte[] Answer(byte[] image)
    {
        var json = $$"""{"type":"image_generation.completed","b64_json":"{{Convert.ToBase64String(image)}}","created_at":1767225600,"background":"opaque","output_format":"png","quality":"low","size":"1024x1024","usage":{{Usage}}}""";
        var body = Encoding.ASCII.GetBytes($"event: image_generation.completed\ndata: {json}\n\n");
        using var message = new MemoryStream();
        message.Write("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\nTransfer-Encoding: chunked\r\nx-request-id: stub\r\n\r\n"u8);
        foreach (var chunk in body.Chunk(ChunkBytes))
        {
            message.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{chunk.Length:x}\r\n")));
            message.Write(chunk);
            message.Write("\r\n"u8);
        }

        message.Write("0\r\n\r\n"u8);
        return message.ToArray();
    }
}
