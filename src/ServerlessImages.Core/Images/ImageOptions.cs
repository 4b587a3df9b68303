using System.Text.Json;

namespace ServerlessImages.Images;

/// <summary>How much work the model puts in. Not every model has every level; <c>high</c> means different token counts on different models.</summary>
public enum ImageQuality
{
    Auto,
    Low,
    Medium,
    High,
    Xhigh,
    Max,
}

public enum ImageFormat
{
    Png,
    Jpeg,
    Webp,
}

public enum ImageBackground
{
    Auto,
    Opaque,
    Transparent,
}

/// <summary>How strict the upstream's content filter is.</summary>
public enum ModerationLevel
{
    Auto,
    Low,
}

/// <summary>The words that these options have on the wire, in data and in answers: their names in snake case.</summary>
public static class WireNames
{
    public static string ToWire<T>(this T value)
        where T : struct, Enum => Words<T>.Names[value];

    public static bool TryFromWire<T>(string word, out T value)
        where T : struct, Enum => Words<T>.Values.TryGetValue(word, out value);

    public static string MimeType(this ImageFormat format) => "image/" + format.ToWire();

    private static class Words<T>
        where T : struct, Enum
    {
        public static readonly Dictionary<T, string> Names = Enum.GetValues<T>().ToDictionary(value => value, value => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString()));
        public static readonly Dictionary<string, T> Values = Names.ToDictionary(pair => pair.Value, pair => pair.Key, StringComparer.Ordinal);
    }
}
