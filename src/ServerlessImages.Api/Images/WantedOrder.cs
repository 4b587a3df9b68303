using ServerlessImages.Images;

namespace ServerlessImages.Api.Images;

/// <summary>All fields of an order, read; what is missing are the files of its images.</summary>
internal sealed record WantedOrder(ModelSpec Model, WantedImages Images, OrderTerms Terms)
{
    /// <param name="files">The images of an edit; null for a generation.</param>
    public Result<ImageOrder> With(EditFiles? files)
    {
        var images = Images with { Files = files };
        return images.For(Model).TryGet(out var request, out var error) ? Terms.For(request) : error;
    }
}
