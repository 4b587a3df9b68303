using System.IO.Pipelines;
using System.Text.Json;
using ServerlessImages.Images;
using ServerlessImages.Keys;
using ServerlessImages.Pricing;

namespace ServerlessImages.Api.Images;

/// <summary>The JSON of a finished generation: OpenAI's members, and beside them the id and what it cost.</summary>
internal static class ImageAnswer
{
    /// <summary>The whole answer to a plain call.</summary>
    /// <param name="requested">How many images were asked for.</param>
    /// <param name="urls">Where the images are, in the place of their bytes; null for the bytes.</param>
    public static async ValueTask WriteAsync(PipeWriter body, Generation generation, int requested, Caller caller, IReadOnlyList<Uri>? urls)
    {
        await using var json = new Utf8JsonWriter(body);
        json.WriteStartObject();
        json.WriteString("id", generation.RequestId);
        json.WriteNumber("created", generation.Result.Created.ToUnixTimeSeconds());
        WriteOptions(json, generation.Result);
        json.WriteStartArray("data");
        for (var index = 0; index < generation.Images.Count; index++)
        {
            json.WriteStartObject();
            if (urls is null) await ImageBase64.WriteAsync(json, body, generation.Images[index]);
            else json.WriteString("url", urls[index].AbsoluteUri);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        WriteUsage(json, generation.Result.Usage);
        WriteCost(json, generation.Result.Charge, generation.Result.Quote, generation.Images.Count, requested);
        json.WriteBoolean("livemode", caller.Key.Livemode);
        json.WriteEndObject();
    }

    /// <summary>The values that were used, where the caller said <c>auto</c>.</summary>
    public static void WriteOptions(Utf8JsonWriter json, ImageResult result)
    {
        json.WriteString("background", result.Background.ToWire());
        json.WriteString("output_format", result.Format.ToWire());
        json.WriteString("quality", result.Quality.ToWire());
        json.WriteString("size", result.Size.ToString());
    }

    public static void WriteUsage(Utf8JsonWriter json, TokenUsage? usage)
    {
        if (usage is null) return;
        json.WriteStartObject("usage");
        json.WriteNumber("input_tokens", usage.Input);
        json.WriteStartObject("input_tokens_details");
        json.WriteNumber("text_tokens", usage.TextInput);
        json.WriteNumber("image_tokens", usage.ImageInput);
        json.WriteEndObject();
        json.WriteNumber("output_tokens", usage.Output);
        json.WriteStartObject("output_tokens_details");
        json.WriteNumber("image_tokens", usage.Output);
        json.WriteNumber("text_tokens", 0);
        json.WriteEndObject();
        json.WriteNumber("total_tokens", usage.Total);
        json.WriteEndObject();
    }

    /// <param name="images">How many images the charge is for.</param>
    /// <param name="requested">How many were asked for: the upstream's filter may leave some out.</param>
    public static void WriteCost(Utf8JsonWriter json, Money charge, Quote quote, int images, int requested)
    {
        json.WriteStartObject("cost");
        json.WriteString("amount_usd", charge.ToString());
        json.WriteString("quote_usd", quote.Amount.ToString());
        json.WriteString("currency", "usd");
        json.WriteString("price_version", quote.PriceVersion);
        json.WriteNumber("images", images);
        json.WriteNumber("images_requested", requested);
        json.WriteEndObject();
    }
}
