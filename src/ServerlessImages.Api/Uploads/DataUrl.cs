using System.Buffers;
using System.Buffers.Text;
using System.Globalization;

namespace ServerlessImages.Api.Uploads;

/// <summary>Decodes <c>data:image/png;base64,…</c> as it stands in JSON, piece by piece: neither its text nor its bytes are ever in memory as a whole.</summary>
internal static class DataUrl
{
    /// <summary>The longest beginning that is looked at for the comma.</summary>
    private const int HeadBytesMax = 256;

    /// <summary>A multiple of four, so that each piece is whole base64.</summary>
    private const int PieceBytes = 64 * 1024;

    /// <param name="raw">A JSON string without its quotes.</param>
    /// <param name="content">The base64, with JSON's escapes still in it.</param>
    public static bool TryFindContent(ReadOnlySpan<byte> raw, out ReadOnlySpan<byte> content)
    {
        content = default;
        if (!raw.StartsWith("data:"u8)) return false;
        var comma = raw[..Math.Min(raw.Length, HeadBytesMax)].IndexOf((byte)',');
        if (comma < 0 || !raw[..comma].EndsWith(";base64"u8)) return false;
        content = raw[(comma + 1)..];
        return true;
    }

    /// <returns>False if it is not base64.</returns>
    public static bool TryDecode(ReadOnlySpan<byte> content, SpooledFile file)
    {
        var piece = ArrayPool<byte>.Shared.Rent(PieceBytes);
        try
        {
            while (!content.IsEmpty)
            {
                if (!TryUnescape(ref content, piece.AsSpan(0, PieceBytes), out var length)) return false;
                if (Base64.DecodeFromUtf8InPlace(piece.AsSpan(0, length), out var decoded) != OperationStatus.Done) return false;
                file.Append(piece.AsSpan(0, decoded));
            }

            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(piece);
        }
    }

    /// <summary>Fills the piece, or takes all that is left.</summary>
    private static bool TryUnescape(ref ReadOnlySpan<byte> content, Span<byte> piece, out int length)
    {
        for (length = 0; length < piece.Length && !content.IsEmpty;)
        {
            var plain = content.IndexOf((byte)'\\');
            if (plain != 0)
            {
                var run = Math.Min(plain < 0 ? content.Length : plain, piece.Length - length);
                content[..run].CopyTo(piece[length..]);
                content = content[run..];
                length += run;
            }
            else if (!TryEscape(ref content, out piece[length++]))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Some encoders write the slash as <c>\/</c>, and .NET's writes the plus as <c>\u002B</c>. No other escape has a place in base64.</summary>
    private static bool TryEscape(ref ReadOnlySpan<byte> content, out byte letter)
    {
        letter = (byte)'/';
        if (content.StartsWith("\\/"u8))
        {
            content = content[2..];
            return true;
        }

        if (!content.StartsWith("\\u00"u8) || content.Length < 6 || !byte.TryParse(content[4..6], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out letter)) return false;
        content = content[6..];
        return true;
    }
}
