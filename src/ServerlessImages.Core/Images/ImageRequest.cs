namespace ServerlessImages.Images;

/// <summary>A valid request for images: everything in it is known to its model. It is what is drawn, and so what is priced and fingerprinted.</summary>
public sealed record ImageRequest
{
    public const int PromptCharactersMax = 32_000;
    public const int CountMax = 10;
    public const int PartialImagesMax = 3;
    public const int InputsMax = 16;

    public ImageOperation Operation { get; init; }

    public required ModelSpec Model { get; init; }

    /// <summary>1 to <see cref="PromptCharactersMax"/> UTF-16 characters. Never logged, never in a table.</summary>
    public required string Prompt { get; init; }

    /// <summary>1 to <see cref="CountMax"/>.</summary>
    public int Count { get; init; } = 1;

    /// <summary>Null lets the model choose (<c>auto</c>).</summary>
    public ImageSize? Size { get; init; }

    public ImageQuality Quality { get; init; }
    public ImageBackground Background { get; init; }
    public ImageFormat Format { get; init; }

    /// <summary>0 to 100, JPEG and WebP only; null leaves it to the model (100).</summary>
    public int? Compression { get; init; }

    public ModerationLevel Moderation { get; init; }

    /// <summary>Whether the caller reads server-sent events. Only with one image.</summary>
    public bool Stream { get; init; }

    /// <summary>How many partial images the caller asked for, 0 to <see cref="PartialImagesMax"/>; each is 100 output tokens. Only when streaming.</summary>
    public int PartialImages { get; init; }

    /// <summary>The images to edit, 1 to <see cref="InputsMax"/>; none for a generation.</summary>
    public IReadOnlyList<InputImage> Inputs { get; init; } = [];

    /// <summary>Where its alpha is 0, the first input is edited. Of the same size as that one.</summary>
    public InputImage? Mask { get; init; }

    /// <summary>A transparent drawing over the first input. Not together with a mask.</summary>
    public InputImage? Markup { get; init; }

    public InputFidelity? InputFidelity { get; init; }

    /// <summary>How long one image takes at this quality, as measured.</summary>
    public TimeSpan ExpectedTime => Model.ExpectedTime.GetValueOrDefault(ModelSpec.AtMost(Quality));

    /// <summary>Every image that goes upstream with the request.</summary>
    public IEnumerable<InputImage> AllInputs => [.. Inputs, .. new[] { Mask, Markup }.OfType<InputImage>()];
}
