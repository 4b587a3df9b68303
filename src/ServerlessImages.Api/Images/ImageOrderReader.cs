using ServerlessImages.Api.Http;
using ServerlessImages.Images;

namespace ServerlessImages.Api.Images;

/// <summary>
/// Reads the fields of a generation, an edit or a quote. Nothing is dropped in silence: an unknown field, a wrong type or a value that the
/// model cannot do is named, before any money moves.
/// </summary>
internal sealed class ImageOrderReader(ModelCatalog models)
{
    private const int EndUserCharactersMax = 256;
    private const int QuoteIdCharactersMax = 1_024;

    /// <summary>Fields of other models of the family: known, so that the answer can say that it is the model that lacks them.</summary>
    private static readonly string[] OtherModels = ["style", "complexity", "frame_count", "frame_duration_ms", "svg", "file_id"];

    /// <summary>Fields of edits, which a generation cannot have.</summary>
    private static readonly string[] EditsOnly = ["image", "images", "mask", "markup", "input_fidelity"];

    /// <param name="isEdit">Whether it is an edit, the fields of whose images the caller has read.</param>
    /// <param name="pathModel">The model that the path names, or null. It needs no field, and a field may only repeat it.</param>
    public Result<WantedOrder> Read(RequestFields fields, bool isEdit, string? pathModel = null)
    {
        var wanted = Wanted(fields, isEdit);
        var endUser = fields.Text("safety_identifier", EndUserCharactersMax);
        var user = fields.Text("user", EndUserCharactersMax);
        var endUserExtension = fields.Text("end_user", EndUserCharactersMax);
        var terms = new OrderTerms(
            fields.Dollars("max_price_usd"),
            fields.Text("quote_id", QuoteIdCharactersMax),
            fields.Flag("store"),
            fields.OneOf("response_format", "b64_json", "url") == "url",
            fields.Map("tags", ImageOrder.TagsMax, ImageOrder.TagCharactersMax),
            endUserExtension ?? endUser ?? user);

        if (fields.FirstError is { } error) return error;
        if (ModelOf(wanted, pathModel) is not { } id) return ApiError.MissingParameter("model");
        if (!models.Find(id).TryGet(out var model, out error)) return error;
        if (pathModel is not null && !model.IsCalled(pathModel)) return ApiError.InvalidValue("model", $"'{pathModel}', as in the path");
        return new WantedOrder(model, wanted, terms);
    }

    private static string? ModelOf(WantedImages wanted, string? pathModel) => wanted.Model ?? pathModel;

    private static WantedImages Wanted(RequestFields fields, bool isEdit) => new()
    {
        Model = fields.Text("model", 64),
        Prompt = fields.Text("prompt", ImageRequest.PromptCharactersMax),
        Count = fields.Integer("n", 1, ImageRequest.CountMax),
        Size = fields.Text("size", 16),
        AspectRatio = fields.Text("aspect_ratio", 8),
        Resolution = fields.OneOf("resolution", [.. AspectRatio.Resolutions.Keys]),
        Quality = fields.Text("quality", 16),
        Background = fields.Word<ImageBackground>("background"),
        Format = fields.Word<ImageFormat>("output_format"),
        Compression = fields.Integer("output_compression", 0, 100),
        Moderation = fields.Word<ModerationLevel>("moderation"),
        Stream = fields.Flag("stream") ?? false,
        PartialImages = fields.Integer("partial_images", 0, ImageRequest.PartialImagesMax),
        InputFidelity = isEdit ? fields.OptionalWord<InputFidelity>("input_fidelity") : null,
        Unsupported = OtherModels.Concat(isEdit ? [] : EditsOnly).FirstOrDefault(fields.Has),
    };
}
