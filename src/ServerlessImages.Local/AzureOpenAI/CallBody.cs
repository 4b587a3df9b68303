using System.Text.Json;

namespace ServerlessImages.Local.AzureOpenAI;

/// <param name="IsForm">A form's values are all strings; JSON has numbers and booleans.</param>
internal sealed record CallBody(IReadOnlyDictionary<string, JsonElement> Fields, IReadOnlyList<CallFile> Files, bool IsForm)
{
    public static CallBody Empty { get; } = new(new Dictionary<string, JsonElement>(), [], IsForm: false);
}

/// <param name="Name">As the sender named it.</param>
internal sealed record CallFile(string Name, ReadOnlyMemory<byte> Bytes)
{
    public const string Mask = "mask";

    public const string Markup = "markup";

    /// <summary>Not an image to edit itself, but something about the first one.</summary>
    public bool IsMask => Name is Mask or Markup;
}
