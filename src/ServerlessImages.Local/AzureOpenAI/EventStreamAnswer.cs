using System.Text.Json;
using ServerlessImages.Images;

namespace ServerlessImages.Local.AzureOpenAI;

/// <summary>Server-sent events: partial images as they come, then the finished one with the usage. No <c>[DONE]</c>.</summary>
internal sealed class EventStreamAnswer(Studio studio, Pace pace)
{
    public async Task WriteAsync(HttpContext context, ImageOrder order)
    {
        var step = pace.Duration(order) / (order.PartialsSent + 1);
        if (pace.SilentWall(pace.BeforeFirst(order, step)) is { } wall)
        {
            await pace.WaitAsync(wall, context.RequestAborted);
            await UpstreamError.TimedOut.WriteAsync(context.Response, context.RequestAborted);
            return;
        }

        context.Response.ContentType = "text/event-stream; charset=utf-8";
        context.Response.Headers.CacheControl = "no-cache";
        await context.Response.Body.FlushAsync(context.RequestAborted);
        if (order.Steering.Has(PromptSteer.ErrorInside200)) await SendErrorAsync(context, UpstreamError.ContentFilter);
        else if (order.Steering.Has(PromptSteer.ModeratedOutput)) await ModerateAsync(context, order, step);
        else await DrawAsync(context, order, step);
    }

    private async Task DrawAsync(HttpContext context, ImageOrder order, TimeSpan step)
    {
        for (var index = 0; index < order.PartialsSent; index++) await SendPartialAsync(context, order, index, index == 0 ? pace.BeforeFirst(order, step) : step);
        if (order.Returned == 0) return;

        var image = studio.Finish(order, index: 0);
        await pace.WaitAsync(step, context.RequestAborted);
        var completed = AnswerBody.Event(Name(order, "completed"), json => WriteCompleted(json, order, image));
        await AnswerBody.SendSteeredAsync(context, completed, order.Steering, pace);
    }

    /// <summary>The filter looks at what was drawn so far, and stops it.</summary>
    private async Task ModerateAsync(HttpContext context, ImageOrder order, TimeSpan step)
    {
        if (order.PartialsSent > 0) await SendPartialAsync(context, order, index: 0, step);
        await pace.WaitAsync(step, context.RequestAborted);
        await SendErrorAsync(context, UpstreamError.Moderated("output"));
    }

    private async Task SendPartialAsync(HttpContext context, ImageOrder order, int index, TimeSpan step)
    {
        var sketch = studio.Sketch(order, index);
        await pace.WaitAsync(step, context.RequestAborted);
        await SendAsync(context, AnswerBody.Event(Name(order, "partial_image"), json =>
        {
            json.WriteStartObject();
            json.WriteString("type", Name(order, "partial_image"));
            AnswerFields.WriteImage(json, sketch);
            json.WriteNumber("partial_image_index", index);
            json.WriteNumber("created_at", pace.UnixSeconds());
            AnswerFields.WriteResolved(json, order);
            json.WriteEndObject();
        }));
    }

    private void WriteCompleted(Utf8JsonWriter json, ImageOrder order, DrawnImage image)
    {
        json.WriteStartObject();
        json.WriteString("type", Name(order, "completed"));
        AnswerFields.WriteImage(json, image);
        json.WriteNumber("created_at", pace.UnixSeconds());
        AnswerFields.WriteResolved(json, order);
        AnswerFields.WriteUsage(json, UsageCount.For(order, imagesReturned: 1, order.PartialsSent));
        json.WriteEndObject();
    }

    private static Task SendErrorAsync(HttpContext context, UpstreamError error) => SendAsync(context, AnswerBody.Event("error", json =>
    {
        json.WriteStartObject();
        json.WriteString("type", "error");
        error.Write(json);
        json.WriteEndObject();
    }));

    private static async Task SendAsync(HttpContext context, ReadOnlyMemory<byte> streamed)
    {
        await context.Response.Body.WriteAsync(streamed, context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
    }

    private static string Name(ImageOrder order, string what) => (order.Operation == ImageOperation.Edit ? "image_edit." : "image_generation.") + what;
}
