using System.Buffers;
using System.Text;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;
using ServerlessImages.Api.Http;

namespace ServerlessImages.Api.Uploads;

/// <summary>
/// Reads a multipart form part by part, in any order: images into files, all else into fields. A part is an image by its name, a file by its file name; the type
/// that it claims counts for nothing, since SDKs leave it out or say <c>application/octet-stream</c>.
/// </summary>
internal sealed class FormUpload(UploadedImages images)
{
    private const int PartsMax = 64;
    private const int HeadersMax = 16;
    private const int HeaderBytesMax = 16 * 1024;
    private const int BoundaryCharactersMax = 128;
    private const int NameCharactersMax = 100;
    private const int TextBytesMax = 256 * 1024;
    private const string FileId = "file_id";
    private const int BufferBytes = 64 * 1024;

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private readonly Dictionary<string, string> fields = new(StringComparer.Ordinal);

    public static bool IsForm(HttpRequest request) => ContentType(request) is { } type && type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase);

    /// <returns>The text fields; or <c>invalid_form</c>, <c>invalid_image_file</c>, <c>invalid_value</c>, <c>unknown_parameter</c>, <c>unsupported_by_model</c>.</returns>
    /// <exception cref="BadHttpRequestException">The body is too large, or broke off.</exception>
    public async Task<Result<FormFields>> ReadAsync(HttpRequest request, CancellationToken cancel)
    {
        var boundary = HeaderUtilities.RemoveQuotes(ContentType(request)!.Boundary).ToString();
        if (boundary.Length is 0 or > BoundaryCharactersMax) return ApiError.InvalidForm;

        var parts = new MultipartReader(boundary, request.Body, BufferBytes) { HeadersCountLimit = HeadersMax, HeadersLengthLimit = HeaderBytesMax };
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            for (var count = 0; await FromCallerAsync(parts.ReadNextSectionAsync(cancel)) is { } part; count++)
            {
                if (count == PartsMax || PartName.Of(part) is not { } name) return ApiError.InvalidForm;
                if (await ReadPartAsync(part.Body, name, buffer, cancel) is { } error) return error;
            }
        }
        catch (BrokenFormException)
        {
            return ApiError.InvalidForm;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        return new FormFields(fields);
    }

    private async Task<ApiError?> ReadPartAsync(Stream body, PartName part, Memory<byte> buffer, CancellationToken cancel)
    {
        if (ImageField.Of(part.Name) is { } field) return await ReadImageAsync(body, field, buffer, cancel);
        if (part.Name == FileId || part.Name.EndsWith($"[{FileId}]", StringComparison.Ordinal)) return ApiError.FileIdUnsupported(part.Name);
        if (part.IsFile) return ApiError.UnknownParameter(part.Name);
        return await ReadTextAsync(body, part.Name, buffer, cancel);
    }

    private async Task<ApiError?> ReadImageAsync(Stream body, ImageField field, Memory<byte> buffer, CancellationToken cancel)
    {
        if (!images.Begin(field).TryGet(out var image, out var error)) return error;
        while (await FromCallerAsync(body.ReadAsync(buffer, cancel).AsTask()) is > 0 and var read) await image.File.AppendAsync(buffer[..read], cancel);
        return image.Finish();
    }

    private async Task<ApiError?> ReadTextAsync(Stream body, string name, Memory<byte> buffer, CancellationToken cancel)
    {
        using var text = new MemoryStream();
        while (await FromCallerAsync(body.ReadAsync(buffer, cancel).AsTask()) is > 0 and var read)
        {
            text.Write(buffer.Span[..read]);
            if (text.Length > TextBytesMax) return ApiError.InvalidValue(name, $"at most {TextBytesMax} bytes");
        }

        try
        {
            return fields.TryAdd(name, Utf8.GetString(text.GetBuffer(), 0, (int)text.Length)) ? null : ApiError.InvalidValue(name, "it once");
        }
        catch (DecoderFallbackException)
        {
            return ApiError.InvalidValue(name, "text in UTF-8");
        }
    }

    /// <summary>Tells a form that is broken, which is the caller's, from a disk that is full, which is ours.</summary>
    private static async Task<T> FromCallerAsync<T>(Task<T> reading)
    {
        try
        {
            return await reading;
        }
        catch (Exception cause) when (cause is InvalidDataException or (IOException and not BadHttpRequestException))
        {
            throw new BrokenFormException(cause);
        }
    }

    private static MediaTypeHeaderValue? ContentType(HttpRequest request) => MediaTypeHeaderValue.TryParse(request.ContentType, out var type) ? type : null;

    private sealed class BrokenFormException(Exception cause) : Exception("The form is broken.", cause);

    /// <param name="IsFile">Whether the part has a file name.</param>
    private sealed record PartName(string Name, bool IsFile)
    {
        /// <returns>Null for a part without a name, or with too long a one.</returns>
        public static PartName? Of(MultipartSection part)
        {
            if (!ContentDispositionHeaderValue.TryParse(part.ContentDisposition, out var header)) return null;
            var name = HeaderUtilities.RemoveQuotes(header.Name).ToString();
            if (name.Length is 0 or > NameCharactersMax) return null;
            return new PartName(name, header.FileName.HasValue || header.FileNameStar.HasValue);
        }
    }
}
