using ServerlessImages.Images;

namespace ServerlessImages.Api.Images;

/// <summary>What a caller wants, each field right in itself, not yet held against what its model can do.</summary>
internal sealed record WantedImages
{
    public string? Model { get; init; }
    public string? Prompt { get; init; }
    public int? Count { get; init; }
    public string? Size { get; init; }
    public string? Quality { get; init; }
    public ImageBackground Background { get; init; }
    public ImageFormat Format { get; init; }
    public int? Compression { get; init; }
    public ModerationLevel Moderation { get; init; }
    public bool Stream { get; init; }
    public int? PartialImages { get; init; }
    public string? EndUser { get; init; }

    /// <summary>A field that only other models have.</summary>
    public string? Unsupported { get; init; }

    public Result<ImageRequest> For(ModelSpec model)
    {
        if (Prompt is null) return ApiError.MissingParameter("prompt");
        if (!SizeFor(model, out var size)) return ApiError.InvalidSize(model.Id, Sizes(model));
        if (!QualityFor(model, out var quality)) return ApiError.UnsupportedByModel("quality", model.Id, Words(model.Qualities, "auto"));
        if (Refusal(model) is { } error) return error;

        return new ImageRequest
        {
            Model = model,
            Prompt = Prompt,
            Count = Count ?? 1,
            Size = size,
            Quality = quality,
            Background = Background,
            Format = Format,
            Compression = Format == ImageFormat.Png ? null : Compression,
            Moderation = Moderation,
            Stream = Stream,
            PartialImages = PartialImages ?? 0,
            EndUser = EndUser,
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

    private bool SizeFor(ModelSpec model, out ImageSize? size)
    {
        size = null;
        if (Size is null or "auto") return true;
        var isDrawn = ImageSize.TryParse(Size, out var parsed) && model.Draws(parsed);
        if (isDrawn) size = parsed;
        return isDrawn;
    }

    private bool QualityFor(ModelSpec model, out ImageQuality quality)
    {
        quality = ImageQuality.Auto;
        return Quality is null || (WireNames.TryFromWire(Quality, out quality) && (quality == ImageQuality.Auto || model.Qualities.Contains(quality)));
    }

    private static string Sizes(ModelSpec model) => model.AnySize is { } rule ? $"WIDTHxHEIGHT with {rule}" : string.Join(", ", ModelSpec.StandardSizes.Select(size => $"'{size}'"));

    private static string Words<T>(IEnumerable<T> values, params string[] more)
        where T : struct, Enum => string.Join(", ", more.Concat(values.Select(value => value.ToWire())).Select(word => $"'{word}'"));
}
