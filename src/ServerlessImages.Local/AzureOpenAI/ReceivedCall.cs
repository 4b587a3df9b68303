using System.Text.Json;
using ServerlessImages.Images;

namespace ServerlessImages.Local.AzureOpenAI;

/// <summary>One call as it came over the wire, for a test to look at.</summary>
/// <param name="ApiVersion">The query's <c>api-version</c>, or null.</param>
/// <param name="HasApiKey">Whether there was a header <c>api-key</c>; its value is kept nowhere.</param>
/// <param name="HasBearer">Whether there was a header <c>Authorization: Bearer</c>.</param>
/// <param name="Fields">The body's fields, files and data URLs excepted; those of a form are strings. Empty if the body was not read.</param>
/// <param name="Files">The images and the mask, in the order they came.</param>
public sealed record ReceivedCall(
    ImageOperation Operation,
    string Path,
    string? ApiVersion,
    bool HasApiKey,
    bool HasBearer,
    IReadOnlyDictionary<string, JsonElement> Fields,
    IReadOnlyList<ReceivedFile> Files);

/// <param name="Name">The form's part name, or <c>images</c> and <c>mask</c> in a JSON body.</param>
/// <param name="Size">Null if it is no image.</param>
public sealed record ReceivedFile(string Name, long Length, ImageSize? Size);
