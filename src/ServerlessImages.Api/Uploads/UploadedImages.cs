using ServerlessImages.Api.Images;
using ServerlessImages.Images;

namespace ServerlessImages.Api.Uploads;

/// <summary>The images that a request brings, each in a temporary file. Whoever holds this ends them: first the reading, then the work.</summary>
internal sealed class UploadedImages(UploadFolder folder) : IDisposable
{
    private readonly List<UploadedImage> images = [];

    public bool IsEmpty => images.Count == 0;

    /// <returns>An empty file for it; or <c>invalid_value</c>, where it is one too many.</returns>
    public Result<UploadedImage> Begin(ImageField field)
    {
        var before = images.Count(image => image.Field.Role == field.Role);
        if (field.Role != ImageRole.Input && before > 0) return ApiError.InvalidValue(field.Name, "at most one");
        if (before == ImageRequest.InputsMax) return ApiError.InvalidValue("image", $"at most {ImageRequest.InputsMax} images");

        var image = new UploadedImage(field, folder.Create());
        images.Add(image);
        return image;
    }

    /// <summary>Once each has been read.</summary>
    public EditFiles ToEditFiles() => new([.. Of(ImageRole.Input)], Of(ImageRole.Mask).SingleOrDefault(), Of(ImageRole.Markup).SingleOrDefault());

    public void Dispose()
    {
        foreach (var image in images) image.Dispose();
        images.Clear();
    }

    private IEnumerable<InputImage> Of(ImageRole role) => images.Where(image => image.Field.Role == role).OrderBy(image => image.Field.Index).Select(image => image.Input);
}
