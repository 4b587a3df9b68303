using System.Text.Json;

namespace ServerlessImages.Local.AzureOpenAI;

/// <summary>An image inside JSON: <c>{"image_url":"data:image/png;base64,…"}</c>. The emulator fetches nothing and keeps no uploaded files.</summary>
internal static class DataUrl
{
    private const string Base64Mark = ";base64,";

    /// <exception cref="FormatException">It is not a data URL in base64.</exception>
    public static CallFile Read(string name, JsonElement image)
    {
        var url = image.ValueKind == JsonValueKind.Object && image.TryGetProperty("image_url", out var property) && property.ValueKind == JsonValueKind.String ? property.GetString()! : "";
        var mark = url.IndexOf(Base64Mark, StringComparison.Ordinal);
        if (mark < 0 || !url.StartsWith("data:image/", StringComparison.Ordinal)) throw new FormatException("Only data URLs in base64 can be read.");
        return new(name, Convert.FromBase64String(url[(mark + Base64Mark.Length)..]));
    }
}
