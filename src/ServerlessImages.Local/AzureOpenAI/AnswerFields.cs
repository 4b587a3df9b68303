using System.Text.Json;
using ServerlessImages.Images;
using ServerlessImages.Pricing;

namespace ServerlessImages.Local.AzureOpenAI;

/// <summary>The parts that JSON answers and events have in common.</summary>
internal static class AnswerFields
{
    private const string NotBase64 = "*** not base64 ***";

    public static void WriteImage(Utf8JsonWriter json, DrawnImage image)
    {
        if (image.IsBase64) json.WriteBase64String("b64_json", image.Bytes.Span);
        else json.WriteString("b64_json", NotBase64);
    }

    public static void WriteResolved(Utf8JsonWriter json, ImageOrder order)
    {
        json.WriteString("background", order.Background.ToWire());
        json.WriteString("output_format", order.Format.ToWire());
        json.WriteString("quality", order.Quality.ToWire());
        json.WriteString("size", order.Size.ToString());
    }

    public static void WriteUsage(Utf8JsonWriter json, TokenUsage? usage)
    {
        if (usage is null) return;
        json.WriteStartObject("usage");
        json.WriteNumber("input_tokens", usage.Input);
        WriteDetails(json, "input_tokens_details", usage.TextInput, usage.ImageInput);
        json.WriteNumber("output_tokens", usage.Output);
        WriteDetails(json, "output_tokens_details", 0, usage.Output);
        json.WriteNumber("total_tokens", usage.Total);
        json.WriteEndObject();
    }

    private static void WriteDetails(Utf8JsonWriter json, string name, long text, long image)
    {
        json.WriteStartObject(name);
        json.WriteNumber("image_tokens", image);
        json.WriteNumber("text_tokens", text);
        json.WriteEndObject();
    }
}
