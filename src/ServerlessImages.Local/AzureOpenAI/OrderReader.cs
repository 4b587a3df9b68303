using ServerlessImages.Images;

namespace ServerlessImages.Local.AzureOpenAI;

/// <summary>What the images endpoints accept, and what each <c>auto</c> becomes.</summary>
internal static class OrderReader
{
    private const int InputsMax = 16;
    private static readonly HashSet<string> Common = ["prompt", "model", "n", "size", "quality", "background", "output_format", "output_compression", "stream", "partial_images", "user", "safety_identifier"];
    private static readonly HashSet<string> Generation = [.. Common, "moderation"];
    private static readonly HashSet<string> FormEdit = [.. Common, "input_fidelity"];
    private static readonly HashSet<string> JsonEdit = [.. Common, "input_fidelity", "moderation"];

    public static (ImageOrder Order, UpstreamError? Error) Read(ImageOperation operation, ModelSpec model, CallBody body)
    {
        var fields = new FieldReader(body);
        fields.RefuseUnknown(operation == ImageOperation.Generation ? Generation : body.IsForm ? FormEdit : JsonEdit);
        var inputs = InputsOf(operation, body, fields);
        var prompt = fields.RequiredText("prompt", ImageRequest.PromptCharactersMax);
        var order = new ImageOrder
        {
            Operation = operation,
            Model = model,
            Prompt = prompt,
            Count = fields.Whole("n", 1, ImageRequest.CountMax, otherwise: 1),
            Size = fields.Size("size", model) ?? AutoSize(model, inputs),
            Quality = fields.Choice("quality", model.Qualities, ImageQuality.Medium),
            Background = fields.Choice("background", model.Backgrounds, ImageBackground.Opaque),
            Format = fields.Choice("output_format", model.Formats, ImageFormat.Png),
            Compression = fields.Whole("output_compression", 0, 100, otherwise: 100),
            Stream = fields.Flag("stream"),
            PartialImages = fields.Whole("partial_images", 0, ImageRequest.PartialImagesMax, otherwise: 0),
            Inputs = inputs,
            Steering = new Steering(prompt),
        };
        fields.Choice("moderation", [ModerationLevel.Low], ModerationLevel.Auto);
        if (fields.Text("input_fidelity") is not null && model.InputFidelities.Count == 0) fields.Refuse(UpstreamError.InvalidFidelityModel(model.Id));
        fields.Choice("input_fidelity", model.InputFidelities, InputFidelity.Low);
        if (body.Files.Any(file => file.Name == CallFile.Markup) && !model.TakesMarkup) fields.Refuse(UpstreamError.UnknownParameter(CallFile.Markup));
        RefuseContradictions(order, fields);
        return (order, fields.Error);
    }

    private static void RefuseContradictions(ImageOrder order, FieldReader fields)
    {
        if (order is { Stream: true, Count: > 1 }) fields.Refuse(UpstreamError.StreamingOneOnly);
        if (order is { Format: ImageFormat.Png, Compression: < 100 }) fields.Refuse(UpstreamError.InvalidValue("output_compression", "100 with output_format 'png'"));
        if (order is { Format: ImageFormat.Jpeg, Background: ImageBackground.Transparent }) fields.Refuse(UpstreamError.InvalidValue("background", "'opaque' with output_format 'jpeg'"));
    }

    private static List<ImageSize> InputsOf(ImageOperation operation, CallBody body, FieldReader fields)
    {
        var sizes = new List<ImageSize>();
        foreach (var file in body.Files.OrderBy(file => file.IsMask))
        {
            if (operation == ImageOperation.Generation || file.Name is not ("image" or "image[]" or "images" or CallFile.Mask or CallFile.Markup)) fields.Refuse(UpstreamError.UnknownParameter(file.Name));
            else if (PictureHeader.TryRead(file.Bytes.Span, out _, out var size)) sizes.Add(size);
            else fields.Refuse(UpstreamError.InvalidImage(file.Name));
        }

        var images = body.Files.Count(file => !file.IsMask);
        if (operation == ImageOperation.Edit && images == 0) fields.Refuse(UpstreamError.Missing(body.IsForm ? "image" : "images"));
        if (images > InputsMax) fields.Refuse(UpstreamError.InvalidValue("image", $"at most {InputsMax} images"));
        return sizes;
    }

    /// <summary>An edit keeps the size of its first image where the model can draw it.</summary>
    private static ImageSize AutoSize(ModelSpec model, List<ImageSize> inputs)
    {
        if (inputs is not [var first, ..] || model.AnySize is not { MultipleOf: var step }) return ModelSpec.StandardSizes[0];
        var rounded = new ImageSize(RoundTo(step, first.Width), RoundTo(step, first.Height));
        return model.Draws(rounded) ? rounded : ModelSpec.StandardSizes[0];
    }

    private static int RoundTo(int step, int edge) => (edge + (step / 2)) / step * step;
}
