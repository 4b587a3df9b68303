using System.Buffers;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Options;
using ServerlessImages.Api.Http;
using ServerlessImages.Images;

namespace ServerlessImages.Api.Jobs;

/// <summary>A job's states as server-sent events: the one that it is in, each one after it, and the end of the stream with the last. In silence a comment line keeps the connection.</summary>
internal sealed class JobEventStream(FindRequest find, JobAnswer answer, TimeProvider clock, IOptions<HttpOptions> options)
{
    private static readonly TimeSpan LookedAtEvery = TimeSpan.FromSeconds(1);

    public async Task WriteAsync(HttpContext http, RequestStatus status)
    {
        http.Response.ContentType = "text/event-stream; charset=utf-8";
        await WriteEventAsync(http, status);
        var quietSince = clock.GetTimestamp();
        while (IsOpen(status))
        {
            await Task.Delay(LookedAtEvery, clock, http.RequestAborted);
            if (!(await find.RunAsync(http.Caller().Partition, status.Id, http.RequestAborted)).TryGet(out var now, out _)) return;

            if (now.State != status.State)
            {
                await WriteEventAsync(http, now);
                quietSince = clock.GetTimestamp();
            }
            else if (clock.GetElapsedTime(quietSince) >= options.Value.HeartbeatInterval)
            {
                http.Response.BodyWriter.Write(": still there\n\n"u8);
                await http.Response.BodyWriter.FlushAsync(http.RequestAborted);
                quietSince = clock.GetTimestamp();
            }

            status = now;
        }
    }

    private static bool IsOpen(RequestStatus status) => status.State is RequestState.Queued or RequestState.Running;

    private async Task WriteEventAsync(HttpContext http, RequestStatus status)
    {
        var body = http.Response.BodyWriter;
        body.Write(Encoding.ASCII.GetBytes($"event: job.{status.State.ToWire()}\ndata: "));
        await using (var json = new Utf8JsonWriter(body)) answer.Write(json, status, http);
        body.Write("\n\n"u8);
        await body.FlushAsync(http.RequestAborted);
    }
}
