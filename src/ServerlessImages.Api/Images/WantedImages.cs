using ServerlessImages.Images;

namespace ServerlessImages.Api.Images;

/// <summary>What a caller wants, each field right in itself, not yet held against what its model can do.</summary>
internal sealed record WantedImages
{
    /// <summary>The images of an edit, or null.</summary>
    public EditFiles? Files { get; init; }

    public string? Model { get; init; }
    public string? Prompt { get; init; }
    public int? Count { get; init; }
    public string? Size { get; init; }

    /// <summary>Instead of a size.</summary>
    public string? AspectRatio { get; init; }

    /// <summary>With an aspect ratio: a name of <see cref="ServerlessImages.Images.AspectRatio.Resolutions"/>, or null for 1K.</summary>
    public string? Resolution { get; init; }

    public string? Quality { get; init; }
    public ImageBackground Background { get; init; }
    public ImageFormat Format { get; init; }
    public int? Compression { get; init; }
    public ModerationLevel Moderation { get; init; }
    public bool Stream { get; init; }
    public int? PartialImages { get; init; }
    public InputFidelity? InputFidelity { get; init; }

    /// <summary>A field that only other models, or only edits, have.</summary>
    public string? Unsupported { get; init; }

    public Result<ImageRequest> For(ModelSpec model)
    {
        if (Prompt is null) return ApiError.MissingParameter("prompt");
        if (!SizeFor(model).TryGet(out var wanted, out var error)) return error;
        if (!QualityFor(model, out var quality)) return ApiError.UnsupportedByModel("quality", model.Id, Words(model.Qualities, "auto"));
        if ((Refusal(model) ?? EditRefusal(model)) is { } refusal) return refusal;

        return new ImageRequest
        {
            Operation = Files is null ? ImageOperation.Generation : ImageOperation.Edit,
            Inputs = Files?.Inputs ?? [],
            Mask = Files?.Mask,
            Markup = Files?.Markup,
            InputFidelity = InputFidelity,
            Model = model,
            Prompt = Prompt,
            Count = Count ?? 1,
            Size = wanted.Size,
            Quality = quality,
            Background = Background,
            Format = Format,
            Compression = Format == ImageFormat.Png ? null : Compression,
            Moderation = Moderation,
            Stream = Stream,
            PartialImages = PartialImages ?? 0,
        };
    }

    private ApiError? Refusal(ModelSpec model)
    {
        if (Unsupported is not null) return ApiError.UnsupportedByModel(Unsupported, model.Id, "none");
        if (!model.Formats.Contains(Format)) return ApiError.UnsupportedByModel("output_format", model.Id, Words(model.Formats));
        if (Background != ImageBackground.Auto && !model.Backgrounds.Contains(Background)) return ApiError.UnsupportedByModel("background", model.Id, Words(model.Backgrounds, "auto"));
        if (Background == ImageBackground.Transparent && Format == ImageFormat.Jpeg) return ApiError.InvalidValue("background", "another than 'transparent' with JPEG, which has no transparency");
        if (Compression is < 100 && Format == ImageFormat.Png) return ApiError.InvalidValue("output_compression", "100 with PNG, which is lossless");
        if (Stream && Count > 1) return ApiError.InvalidValue("n", "1 when streaming: streaming is only supported with n=1");
        return !Stream && PartialImages > 0 ? ApiError.InvalidValue("partial_images", "0 without 'stream': true") : null;
    }

    private ApiError? EditRefusal(ModelSpec model)
    {
        if (Files is null) return null;
        if (Files.Inputs.Count is 0) return ApiError.MissingParameter("image");
        if (Files.Inputs.Count > ImageRequest.InputsMax) return ApiError.InvalidValue("image", $"at most {ImageRequest.InputsMax} images");
        if (Files.Mask is { } mask && mask.Header.Size != Files.Inputs[0].Header.Size) return ApiError.InvalidValue("mask", "an image of the same size as the first one");
        if (Files.Markup is not null && !model.TakesMarkup) return ApiError.UnsupportedByModel("markup", model.Id, "none");
        if (Moderation != ModerationLevel.Auto) return ApiError.InvalidValue("moderation", "'auto' with an edit");
        if (Files is { Markup: not null, Mask: not null }) return ApiError.InvalidValue("markup", "no mask beside it");
        return InputFidelity is { } fidelity && !model.InputFidelities.Contains(fidelity)
            ? ApiError.UnsupportedByModel("input_fidelity", model.Id, model.InputFidelities.Count == 0 ? "none" : Words(model.InputFidelities))
            : null;
    }

    private Result<WantedSize> SizeFor(ModelSpec model)
    {
        if (AspectRatio is not null) return SizeOfShape(model);
        if (Resolution is not null) return ApiError.InvalidValue("resolution", "an 'aspect_ratio' beside it");
        if (Size is null or "auto") return new WantedSize(null);
        return ImageSize.TryParse(Size, out var size) && model.Draws(size) ? new WantedSize(size) : ApiError.InvalidSize(model.Id, Sizes(model));
    }

    private Result<WantedSize> SizeOfShape(ModelSpec model)
    {
        if (Size is not null) return ApiError.InvalidValue("aspect_ratio", "no 'size' beside it");
        if (!ServerlessImages.Images.AspectRatio.TryParse(AspectRatio!, out var ratio)) return ApiError.InvalidValue("aspect_ratio", "two whole numbers such as '16:9'");
        var pixels = ServerlessImages.Images.AspectRatio.Resolutions[Resolution ?? "1K"];
        return ratio.SizeFor(model, pixels) is { } size ? new WantedSize(size) : ApiError.UnsupportedByModel("aspect_ratio", model.Id, Sizes(model));
    }

    private bool QualityFor(ModelSpec model, out ImageQuality quality)
    {
        quality = ImageQuality.Auto;
        return Quality is null || (WireNames.TryFromWire(Quality, out quality) && (quality == ImageQuality.Auto || model.Qualities.Contains(quality)));
    }

    private static string Sizes(ModelSpec model) => model.AnySize is { } rule ? $"WIDTHxHEIGHT with {rule}" : string.Join(", ", ModelSpec.StandardSizes.Select(size => $"'{size}'"));

    private static string Words<T>(IEnumerable<T> values, params string[] more)
        where T : struct, Enum => string.Join(", ", more.Concat(values.Select(value => value.ToWire())).Select(word => $"'{word}'"));

    /// <param name="Size">Null lets the model choose.</param>
    private sealed record WantedSize(ImageSize? Size);
}
