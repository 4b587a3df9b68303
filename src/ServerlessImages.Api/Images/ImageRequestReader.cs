using System.Text.Json;
using ServerlessImages.Api.Http;
using ServerlessImages.Images;

namespace ServerlessImages.Api.Images;

/// <summary>
/// Reads the JSON of a generation into a valid request. Nothing is dropped in silence: an unknown field, a wrong type or a value that the model cannot do is
/// named, before any money moves.
/// </summary>
internal sealed class ImageRequestReader(ModelCatalog models)
{
    private const int EndUserCharactersMax = 256;

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 8 };

    /// <summary>Fields of other models of the family: known, so that the answer can say that it is the model that lacks them.</summary>
    private static readonly string[] OtherModels = ["style", "complexity", "frame_count", "frame_duration_ms", "svg", "input_fidelity", "mask", "markup"];

    public async Task<Result<ImageRequest>> ReadAsync(HttpRequest request, CancellationToken cancel)
    {
        JsonDocument body;
        try
        {
            body = await JsonDocument.ParseAsync(request.Body, Strict, cancel);
        }
        catch (JsonException)
        {
            return request.ContentLength is 0 or null && request.Headers.TransferEncoding.Count == 0 ? ApiError.BodyRequired : ApiError.InvalidJson;
        }

        using (body) return Read(body.RootElement);
    }

    internal Result<ImageRequest> Read(JsonElement body)
    {
        if (body.ValueKind != JsonValueKind.Object) return ApiError.InvalidJson;

        var fields = new JsonFields(body);
        var wanted = new WantedImages
        {
            Model = fields.Text("model", 64),
            Prompt = fields.Text("prompt", ImageRequest.PromptCharactersMax),
            Count = fields.Integer("n", 1, ImageRequest.CountMax),
            Size = fields.Text("size", 16),
            Quality = fields.Text("quality", 16),
            Background = fields.Word<ImageBackground>("background"),
            Format = fields.Word<ImageFormat>("output_format"),
            Compression = fields.Integer("output_compression", 0, 100),
            Moderation = fields.Word<ModerationLevel>("moderation"),
            Stream = fields.Flag("stream"),
            PartialImages = fields.Integer("partial_images", 0, ImageRequest.PartialImagesMax),
            EndUser = fields.Text("safety_identifier", EndUserCharactersMax) ?? fields.Text("user", EndUserCharactersMax),
            Unsupported = OtherModels.FirstOrDefault(fields.Has),
        };
        fields.Text("user", EndUserCharactersMax);
        fields.Only("response_format", "b64_json");

        if (fields.FirstError is { } error) return error;
        if (wanted.Model is null) return ApiError.MissingParameter("model");
        return models.Find(wanted.Model).TryGet(out var model, out error) ? wanted.For(model) : error;
    }
}
