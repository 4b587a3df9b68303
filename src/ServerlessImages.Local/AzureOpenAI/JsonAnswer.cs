using System.Text.Json;

namespace ServerlessImages.Local.AzureOpenAI;

/// <summary>All images in one JSON object, when the last one is finished.</summary>
internal sealed class JsonAnswer(Studio studio, Pace pace)
{
    public async Task WriteAsync(HttpContext context, ImageOrder order)
    {
        var duration = pace.Duration(order);
        if (pace.PlainWall(duration) is { } wall)
        {
            await pace.WaitAsync(wall, context.RequestAborted);
            await UpstreamError.TimedOut.WriteAsync(context.Response, context.RequestAborted);
            return;
        }

        var images = Draw(order, context.RequestAborted);
        await pace.WaitAsync(duration, context.RequestAborted);
        var body = AnswerBody.Json(json => Write(json, order, images));
        await AnswerBody.SendJsonAsync(context, body, order.Steering, pace);
    }

    private List<DrawnImage> Draw(ImageOrder order, CancellationToken cancellationToken)
    {
        var images = new List<DrawnImage>();
        if (order.Steering.Has(PromptSteer.ErrorInside200)) return images;
        for (var index = 0; index < order.Returned; index++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            images.Add(studio.Finish(order, index));
        }

        return images;
    }

    private void Write(Utf8JsonWriter json, ImageOrder order, List<DrawnImage> images)
    {
        json.WriteStartObject();
        json.WriteNumber("created", pace.UnixSeconds());
        if (order.Steering.Has(PromptSteer.ErrorInside200)) UpstreamError.ContentFilter.Write(json);
        else WriteImages(json, order, images);
        json.WriteEndObject();
    }

    private static void WriteImages(Utf8JsonWriter json, ImageOrder order, List<DrawnImage> images)
    {
        AnswerFields.WriteResolved(json, order);
        json.WriteStartArray("data");
        foreach (var image in images)
        {
            json.WriteStartObject();
            AnswerFields.WriteImage(json, image);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        AnswerFields.WriteUsage(json, UsageCount.For(order, images.Count, partialsSent: 0));
    }
}
