using System.Globalization;
using System.Text.Json;
using ServerlessImages.Deployments;
using ServerlessImages.Images;
using ServerlessImages.Keys;
using ServerlessImages.Pricing;

namespace ServerlessImages.Api.Images;

/// <summary>The JSON of <c>GET /v1/requests/{id}</c>: what was asked, what became of it and what it cost.</summary>
internal static class RequestAnswer
{
    public const string Request = "request";

    /// <summary>The same, asked for as a job.</summary>
    public const string Job = "job";

    public static void Write(Utf8JsonWriter json, RequestStatus status, Caller caller, Uri publicUrl, string kind = Request)
    {
        var request = status.Request;
        json.WriteStartObject();
        json.WriteString("id", status.Id);
        json.WriteString("object", kind);
        json.WriteString("status", status.State.ToWire());
        json.WriteNumber("created", request.HeldAt.ToUnixTimeSeconds());
        if (status.ClosedAt is { } closedAt) json.WriteNumber("finished", closedAt.ToUnixTimeSeconds());
        else json.WriteNull("finished");
        json.WriteString("operation", request.Summary.Operation);
        json.WriteString("model", request.Summary.Model);
        json.WriteNumber("n", request.Summary.Count);
        json.WriteString("size", request.Summary.Size);
        json.WriteString("quality", request.Summary.Quality);
        json.WriteString("output_format", request.Summary.Format);
        json.WriteString("key_id", request.Summary.KeyId);
        WriteError(json, request.ErrorCode);
        ImageAnswer.WriteUsage(json, request.Usage);
        ImageAnswer.WriteCost(json, status.Charge, new Quote(request.Quote, request.Summary.PriceVersion), request.Images, request.Summary.Count);
        WriteImages(json, status, publicUrl);
        WriteAttempts(json, request.Attempts);
        json.WriteBoolean("livemode", caller.Key.Livemode);
        json.WriteEndObject();
    }

    private static void WriteError(Utf8JsonWriter json, string code)
    {
        if (code.Length == 0)
        {
            json.WriteNull("error");
            return;
        }

        json.WriteStartObject("error");
        json.WriteString("code", code);
        json.WriteEndObject();
    }

    /// <summary>Which deployment each went to is the operator's matter.</summary>
    private static void WriteAttempts(Utf8JsonWriter json, string attempts)
    {
        json.WriteStartArray("attempts");
        foreach (var each in AttemptLog.Parse(attempts))
        {
            json.WriteStartObject();
            json.WriteString("outcome", each.End.ToWire());
            json.WriteNumber("seconds", Math.Round(each.Duration.TotalSeconds, 3));
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    /// <summary>Empty while the request runs, where it failed, and once its images are no longer kept.</summary>
    private static void WriteImages(Utf8JsonWriter json, RequestStatus status, Uri publicUrl)
    {
        json.WriteStartArray("images");
        var images = status.Result?.Images ?? [];
        for (var index = 0; index < images.Count; index++)
        {
            var number = index.ToString(CultureInfo.InvariantCulture);
            json.WriteStartObject();
            json.WriteString("id", $"img_{status.Id["req_".Length..]}_{number}");
            json.WriteString("content_url", new Uri(publicUrl, $"/v1/requests/{status.Id}/content?index={number}").AbsoluteUri);
            json.WriteString("size", status.Result!.Size.ToString());
            json.WriteNumber("bytes", images[index].LengthBytes);
            json.WriteString("sha256", images[index].Sha256);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
