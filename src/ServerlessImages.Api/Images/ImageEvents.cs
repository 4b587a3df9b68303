using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using ServerlessImages.Api.Http;
using ServerlessImages.Images;

namespace ServerlessImages.Api.Images;

/// <summary>The server-sent events of one generation, in OpenAI's shapes. Nothing is written once the caller has gone.</summary>
internal sealed class ImageEvents(HttpContext http, ImageRequest request, ErrorWriter errors)
{
    private readonly string kind = request.Operation == ImageOperation.Edit ? "image_edit" : "image_generation";

    public bool HasBegun => http.Response.HasStarted;

    public Task WriteHeartbeatAsync() => SendAsync(body =>
    {
        body.Write(": still drawing\n\n"u8);
        return ValueTask.CompletedTask;
    });

    public Task WritePartialAsync(PartialImage partial, DateTimeOffset now) => SendAsync(kind + ".partial_image", async json =>
    {
        await ImageBase64.WriteAsync(json, http.Response.BodyWriter, partial.Bytes);
        json.WriteNumber("partial_image_index", partial.Index);
        json.WriteNumber("created_at", now.ToUnixTimeSeconds());
        json.WriteString("background", request.Background.ToWire());
        json.WriteString("output_format", request.Format.ToWire());
        json.WriteString("quality", request.Quality.ToWire());
        json.WriteString("size", request.Size?.ToString() ?? "auto");
    });

    public Task WriteCompletedAsync(Generation generation, long overheadMs) => SendAsync(kind + ".completed", async json =>
    {
        await ImageBase64.WriteAsync(json, http.Response.BodyWriter, generation.Images[0]);
        json.WriteNumber("created_at", generation.Result.Created.ToUnixTimeSeconds());
        ImageAnswer.WriteOptions(json, generation.Result);
        ImageAnswer.WriteUsage(json, generation.Result.Usage);
        json.WriteString("id", generation.RequestId);
        ImageAnswer.WriteCost(json, generation.Result.Charge, generation.Result.Quote, generation.Images.Count, request.Count);
        json.WriteNumber("overhead_ms", overheadMs);
        json.WriteBoolean("livemode", http.Caller().Key.Livemode);
    });

    /// <summary>After the first event, a status is no longer possible: SDKs raise this event as their error.</summary>
    public Task WriteErrorAsync(ApiError error) => SendAsync("error", json =>
    {
        http.Call().ErrorCode = error.Code;
        errors.WriteTo(json, error, http.Call().RequestId);
        return ValueTask.CompletedTask;
    });

    private Task SendAsync(string type, Func<Utf8JsonWriter, ValueTask> writeMembers) => SendAsync(async body =>
    {
        body.Write(Encoding.ASCII.GetBytes($"event: {type}\ndata: "));
        await using (var json = new Utf8JsonWriter(body, ErrorWriter.Readable))
        {
            json.WriteStartObject();
            json.WriteString("type", type);
            await writeMembers(json);
            json.WriteEndObject();
        }

        body.Write("\n\n"u8);
    });

    private async Task SendAsync(Func<PipeWriter, ValueTask> writeAsync)
    {
        if (http.RequestAborted.IsCancellationRequested) return;
        if (!HasBegun)
        {
            http.Response.ContentType = "text/event-stream; charset=utf-8";
            await http.Response.StartAsync(CancellationToken.None);
        }

        await writeAsync(http.Response.BodyWriter);
        await http.Response.BodyWriter.FlushAsync(CancellationToken.None);
    }
}
