using ServerlessImages.Images;

namespace ServerlessImages.Local.AzureOpenAI;

/// <summary>A call that is accepted, with every <c>auto</c> resolved.</summary>
internal sealed record ImageOrder
{
    public required ImageOperation Operation { get; init; }
    public required ModelSpec Model { get; init; }
    public required string Prompt { get; init; }
    public required int Count { get; init; }
    public required ImageSize Size { get; init; }
    public required ImageQuality Quality { get; init; }
    public required ImageBackground Background { get; init; }
    public required ImageFormat Format { get; init; }
    public required int Compression { get; init; }
    public required bool Stream { get; init; }
    public required int PartialImages { get; init; }

    /// <summary>The input images and the mask of an edit: each is read by the model, and counted.</summary>
    public required IReadOnlyList<ImageSize> Inputs { get; init; }

    public required Steering Steering { get; init; }

    /// <summary>How many images come back.</summary>
    public int Returned => Math.Max(0, Count - Steering.Number(PromptSteer.Missing));

    /// <summary>How many partial images a stream sends.</summary>
    public int PartialsSent => PartialImages + (Steering.Has(PromptSteer.ExtraPartial) ? 1 : 0);
}
