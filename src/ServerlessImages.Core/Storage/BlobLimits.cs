using System.Buffers;
using System.Text;

namespace ServerlessImages.Storage;

/// <summary>What every blob store refuses, so that a name or note that works on one works on all.</summary>
public static class BlobLimits
{
    /// <summary>Azure takes 1,024 characters for a name; a file system takes 255 for a segment, of which a suffix needs some.</summary>
    public const int NameCharactersMax = 512;

    /// <inheritdoc cref="NameCharactersMax"/>
    public const int SegmentCharactersMax = 200;

    /// <summary>In UTF-8. As base64url it stays below the 8 KiB that Azure allows for all metadata of a blob.</summary>
    public const int NoteBytesMax = 5_000;

    /// <exception cref="ArgumentException">
    /// The name is not segments of <c>[A-Za-z0-9._-]</c> joined by <c>/</c>, has a segment <c>.</c> or <c>..</c>, or one that ends in <c>.json</c>,
    /// which is where a folder keeps the notes.
    /// </exception>
    public static void CheckName(string name)
    {
        if (name.Length > NameCharactersMax || !name.Split('/').All(IsSegment)) throw new ArgumentException($"'{name}' is not a name for a blob.", nameof(name));
    }

    /// <exception cref="ArgumentException">The note is longer than <see cref="NoteBytesMax"/>.</exception>
    public static void CheckNote(string note)
    {
        var bytes = Encoding.UTF8.GetByteCount(note);
        if (bytes > NoteBytesMax) throw new ArgumentException($"A note has at most {NoteBytesMax} bytes, not {bytes}.", nameof(note));
    }

    private static bool IsSegment(string segment) =>
        segment.Length is > 0 and <= SegmentCharactersMax
        && segment is not "." and not ".."
        && !segment.EndsWith(".json", StringComparison.OrdinalIgnoreCase)
        && !segment.AsSpan().ContainsAnyExcept(Allowed);

    private static readonly SearchValues<char> Allowed = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");
}
