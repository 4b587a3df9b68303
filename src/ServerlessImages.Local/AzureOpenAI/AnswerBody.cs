using System.Buffers;
using System.Text.Json;

namespace ServerlessImages.Local.AzureOpenAI;

/// <summary>A body is written whole before it is sent: it then has a length, and half of it can be sent where a test wants that.</summary>
internal static class AnswerBody
{
    public static ReadOnlyMemory<byte> Json(Action<Utf8JsonWriter> write)
    {
        var body = new ArrayBufferWriter<byte>(4_096);
        WriteJson(body, write);
        return body.WrittenMemory;
    }

    /// <summary>One server-sent event. Compact JSON has no line breaks, so it is one line of data.</summary>
    public static ReadOnlyMemory<byte> Event(string name, Action<Utf8JsonWriter> write)
    {
        var body = new ArrayBufferWriter<byte>(4_096);
        body.Write("event: "u8);
        body.Write(System.Text.Encoding.UTF8.GetBytes(name));
        body.Write("\ndata: "u8);
        WriteJson(body, write);
        body.Write("\n\n"u8);
        return body.WrittenMemory;
    }

    public static async Task SendAsync(HttpResponse response, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        response.ContentType = "application/json";
        response.ContentLength = body.Length;
        await response.Body.WriteAsync(body, cancellationToken);
    }

    /// <summary>Sends half, and breaks the connection as a failing network does.</summary>
    public static async Task SendHalfAndAbortAsync(HttpContext context, ReadOnlyMemory<byte> body)
    {
        await context.Response.Body.WriteAsync(body[..(body.Length / 2)], context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
        context.Abort();
    }

    private static void WriteJson(IBufferWriter<byte> body, Action<Utf8JsonWriter> write)
    {
        using var json = new Utf8JsonWriter(body);
        write(json);
    }
}
