using System.Diagnostics.CodeAnalysis;
using ServerlessImages.Images;

namespace ServerlessImages.Api.Uploads;

/// <summary>One image of a request, on its way into its file.</summary>
internal sealed class UploadedImage(ImageField named, SpooledFile file) : IDisposable
{
    private InputImage? input;

    public ImageField Field => named;

    public SpooledFile File => file;

    public InputImage Input => input ?? throw new InvalidOperationException("The image has not been read.");

    /// <summary>Looks at the bytes once all are there. What the caller says of their type does not count.</summary>
    /// <returns>Null, or <c>invalid_image_file</c>.</returns>
    public ApiError? Finish()
    {
        var needsAlpha = named.Role != ImageRole.Input;
        if (!TryReadHeader(out var header) || (needsAlpha && header.Value.Format == ImageFormat.Jpeg)) return ApiError.InvalidImageFile(named.Name, needsAlpha ? "PNG or WebP" : "PNG, JPEG or WebP");
        input = new InputImage(header.Value, file.Length, file.Sha256, file.Open);
        return null;
    }

    public void Dispose() => file.Dispose();

    private bool TryReadHeader([NotNullWhen(true)] out ImageHeader? header)
    {
        header = null;
        if (file.Length == 0) return false;
        using var map = file.Map();
        if (!ImageHeader.TryRead(map.GetSpan(), out var read)) return false;
        header = read;
        return true;
    }
}
