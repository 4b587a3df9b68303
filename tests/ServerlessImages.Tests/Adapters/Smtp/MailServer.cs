using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ServerlessImages.Tests.Adapters.Smtp;

/// <summary>The least that is a mail server, on a loopback address: it notes what it was told, and answers as it is told to.</summary>
internal sealed class MailServer : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource ended = new();
    private readonly Task serving;

    public MailServer()
    {
        listener.Start();
        Port = ((IPEndPoint)listener.LocalEndpoint).Port;
        serving = ServeAsync();
    }

    public int Port { get; }

    /// <summary>What a command that begins so is answered, beside what it always is.</summary>
    public Dictionary<string, string> Answers { get; } = [];

    /// <summary>The commands of all connections.</summary>
    public List<string> Commands { get; } = [];

    /// <summary>The messages as they came over the wire.</summary>
    public List<string> Messages { get; } = [];

    /// <summary>Whether it takes connections and says nothing.</summary>
    public bool Hangs { get; set; }

    public async ValueTask DisposeAsync()
    {
        await ended.CancelAsync();
        await serving;
        ended.Dispose();
        listener.Dispose();
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                using var client = await listener.AcceptTcpClientAsync(ended.Token);
                await TalkAsync(client.GetStream());
            }
        }
        catch (OperationCanceledException)
        {
            // It was told to end.
        }
    }

    private async Task TalkAsync(NetworkStream stream)
    {
        try
        {
            using var reader = new StreamReader(stream, Encoding.Latin1);
            await using var writer = new StreamWriter(stream, Encoding.Latin1) { NewLine = "\r\n", AutoFlush = true };
            if (Hangs) await Task.Delay(Timeout.InfiniteTimeSpan, ended.Token);
            await writer.WriteLineAsync("220 mail.example.com");
            while (await reader.ReadLineAsync(ended.Token) is { } line)
            {
                Commands.Add(line);
                await writer.WriteLineAsync(AnswerTo(line));
                if (line != "DATA") continue;
                Messages.Add(await ReadMessageAsync(reader));
                await writer.WriteLineAsync(Answers.GetValueOrDefault(".", "250 taken"));
            }
        }
        catch (IOException)
        {
            // The other side closed without a word, as it may.
        }
    }

    private string AnswerTo(string line)
    {
        foreach (var (start, answer) in Answers)
        {
            if (line.StartsWith(start, StringComparison.Ordinal)) return answer;
        }

        return line == "DATA" ? "354 go on" : "250 fine";
    }

    /// <summary>A line that begins with a dot came with one more. Source: RFC 5321, 4.5.2.</summary>
    private async Task<string> ReadMessageAsync(StreamReader reader)
    {
        var message = new StringBuilder();
        while (await reader.ReadLineAsync(ended.Token) is { } line && line != ".") message.Append(line.StartsWith('.') ? line[1..] : line).Append("\r\n");
        return message.ToString();
    }
}
