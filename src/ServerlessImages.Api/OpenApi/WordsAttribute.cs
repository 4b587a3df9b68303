using ServerlessImages.Images;

namespace ServerlessImages.Api.OpenApi;

/// <summary>The words that a text field may be.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal class WordsAttribute(params string[] words) : Attribute
{
    public IReadOnlyList<string> Words { get; } = words;
}

/// <summary>A file in a multipart form.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class FilePartAttribute : Attribute;

/// <summary>A map whose values may be null, which the generator does not see of text.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class ValuesMayBeNullAttribute : Attribute;

/// <summary>The words of an option, as the code knows them.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class WordsAttribute<T>() : WordsAttribute([.. Enum.GetValues<T>().Select(value => value.ToWire())])
    where T : struct, Enum;
