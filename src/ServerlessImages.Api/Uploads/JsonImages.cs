using System.Runtime.InteropServices;
using System.Text.Json;
using ServerlessImages.Api.Http;
using ServerlessImages.Images;

namespace ServerlessImages.Api.Uploads;

/// <summary>
/// Reads the images of a JSON body into files: <c>{"image_url": …}</c> with a data URL, which is decoded, or an https address, which is fetched once the body
/// need no longer be in memory. All addresses are fetched at once, so that a request waits for the slowest of them and not for their sum.
/// </summary>
internal sealed class JsonImages(UploadedImages images, IImageFetcher fetcher)
{
    private const string FileId = "file_id";
    private const string ImageUrl = "image_url";
    private const int AddressBytesMax = 8_192;
    private readonly List<(UploadedImage Image, string Address)> addresses = [];

    /// <returns>Null; or <c>invalid_value</c>, <c>unknown_parameter</c>, <c>unsupported_by_model</c>, <c>invalid_image_file</c>, <c>image_url_refused</c>.</returns>
    public ApiError? Read(JsonFields fields)
    {
        if (ReadList(fields) is { } error) return error;
        foreach (var (name, role) in new[] { ("mask", ImageRole.Mask), ("markup", ImageRole.Markup) })
        {
            if (fields.Element(name) is { } image && Read(image, name, role) is { } wrong) return wrong;
        }

        return null;
    }

    /// <returns>Null; or <c>image_url_refused</c>, <c>image_url_unreachable</c>, <c>invalid_image_file</c>.</returns>
    public async Task<ApiError?> FetchAsync(CancellationToken cancel)
    {
        var fetched = await Task.WhenAll(addresses.Select(each => FetchAsync(each.Image, each.Address, cancel)));
        return fetched.FirstOrDefault(each => each is not null);
    }

    private ApiError? ReadList(JsonFields fields)
    {
        if (fields.Element("images") is not { } list) return null;
        if (list.ValueKind != JsonValueKind.Array) return ApiError.InvalidValue("images", $"an array of 1 to {ImageRequest.InputsMax} images");
        if (list.GetArrayLength() > ImageRequest.InputsMax) return ApiError.InvalidValue("images", $"at most {ImageRequest.InputsMax} images");
        return list.EnumerateArray().Select((image, index) => Read(image, $"images[{index}]", ImageRole.Input)).FirstOrDefault(error => error is not null);
    }

    private ApiError? Read(JsonElement json, string name, ImageRole role)
    {
        if (json.ValueKind != JsonValueKind.Object) return ApiError.InvalidValue(name, "an object with an 'image_url'");
        var members = new JsonFields(json);
        if (members.Has(FileId)) return ApiError.FileIdUnsupported($"{name}.{FileId}");
        var url = members.Element(ImageUrl);
        if (members.FirstError is { } unknown) return ApiError.UnknownParameter($"{name}.{unknown.Param}");
        return url is { ValueKind: JsonValueKind.String } text ? ReadUrl(text, new ImageField($"{name}.{ImageUrl}", role)) : ApiError.InvalidValue($"{name}.{ImageUrl}", "an https address or a data URL");
    }

    private ApiError? ReadUrl(JsonElement text, ImageField field)
    {
        // Without its quotes, its escapes as they are: a data URL may be all of the body.
        var raw = JsonMarshal.GetRawUtf8Value(text)[1..^1];
        var isData = DataUrl.TryFindContent(raw, out var content);
        if (!isData && raw.StartsWith("data:"u8)) return ApiError.InvalidValue(field.Name, "a data URL in base64");
        var address = isData || raw.Length > AddressBytesMax ? null : JsonFields.Text(text);
        if (!isData && address is null) return ApiError.ImageUrlRefused(field.Name);
        if (!images.Begin(field).TryGet(out var image, out var error)) return error;
        if (address is null) return DataUrl.TryDecode(content, image.File) ? image.Finish() : ApiError.InvalidImageFile(field.Name, "PNG, JPEG or WebP in base64");

        addresses.Add((image, address));
        return null;
    }

    private async Task<ApiError?> FetchAsync(UploadedImage image, string address, CancellationToken cancel) => await fetcher.FetchAsync(address, image.File.AppendAsync, cancel) switch
    {
        FetchOutcome.Done => image.Finish(),
        FetchOutcome.Refused => ApiError.ImageUrlRefused(image.Field.Name),
        _ => ApiError.ImageUrlUnreachable(image.Field.Name),
    };
}
