using System.Buffers;
using System.Text.Json;

namespace ServerlessImages.Local.AzureOpenAI;

/// <summary>A body is written whole before it is sent: it then has a length, and half of it can be sent where a test wants that.</summary>
internal static class AnswerBody
{
    private const int DripPieces = 20;

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

    /// <summary>Sends a whole JSON body, or what the prompt makes of it.</summary>
    public static Task SendJsonAsync(HttpContext context, ReadOnlyMemory<byte> body, Steering steering, Pace pace)
    {
        context.Response.ContentType = "application/json";
        if (!steering.Has(PromptSteer.HalfBody)) context.Response.ContentLength = body.Length;
        return SendSteeredAsync(context, body, steering, pace);
    }

    public static async Task SendSteeredAsync(HttpContext context, ReadOnlyMemory<byte> body, Steering steering, Pace pace)
    {
        if (steering.Has(PromptSteer.Reset))
        {
            await SendHalfAsync(context, body);
            context.Abort();
        }
        else if (steering.Has(PromptSteer.HalfBody))
        {
            await SendHalfAsync(context, body);
        }
        else if (steering.Has(PromptSteer.Stalled))
        {
            await SendHalfAsync(context, body);
            await pace.WaitAsync(Timeout.InfiniteTimeSpan, context.RequestAborted);
        }
        else
        {
            await SendInPiecesAsync(context, body, TimeSpan.FromMilliseconds(steering.Number(PromptSteer.Drips)), pace);
        }
    }

    public static async Task SendAsync(HttpResponse response, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        response.ContentType = "application/json";
        response.ContentLength = body.Length;
        await response.Body.WriteAsync(body, cancellationToken);
    }

    private static async Task SendHalfAsync(HttpContext context, ReadOnlyMemory<byte> body)
    {
        await context.Response.Body.WriteAsync(body[..(body.Length / 2)], context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
    }

    private static async Task SendInPiecesAsync(HttpContext context, ReadOnlyMemory<byte> body, TimeSpan between, Pace pace)
    {
        var length = between > TimeSpan.Zero ? (body.Length / DripPieces) + 1 : body.Length;
        for (var start = 0; start < body.Length; start += length)
        {
            if (start > 0) await pace.WaitAsync(between, context.RequestAborted);
            await context.Response.Body.WriteAsync(body[start..Math.Min(start + length, body.Length)], context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
        }
    }

    private static void WriteJson(IBufferWriter<byte> body, Action<Utf8JsonWriter> write)
    {
        using var json = new Utf8JsonWriter(body);
        write(json);
    }
}
