using System.Text.Json;

namespace ServerlessImages.Files;

/// <summary>What is kept beside a blob's bytes. No blob's name can be the name of a sidecar: none ends in <c>.json</c>.</summary>
internal sealed record Sidecar(string ContentType, string Note)
{
    public static string Of(string file) => file + ".json";

    public static Sidecar Parse(ReadOnlySpan<byte> json) => JsonSerializer.Deserialize<Sidecar>(json) ?? throw new InvalidDataException("A note is empty.");
}
