using ServerlessImages.Abuse;
using ServerlessImages.Images;
using ServerlessImages.Keys;
using ServerlessImages.Pricing;

namespace ServerlessImages.Simulation.World;

/// <summary>What is the same in every history, and read once: the models, the prices, and requests to vary.</summary>
internal static class Catalog
{
    public static readonly ModelCatalog Models = ModelCatalog.Parse(ModelCatalog.ShippedJson);

    public static PriceBook Prices { get; } = PriceBook.Parse(PriceBook.ShippedJson);

    public static Ladder Ladder { get; } = Ladder.Parse(Ladder.ShippedJson);

    public static BlockList BlockList { get; } = BlockList.Parse(BlockList.ShippedJson);

    public static Peppers Peppers { get; } = new(new Dictionary<int, byte[]> { [1] = new byte[32] });

    /// <summary>One image, several in one call, several in a call each, one whose size the model chooses, a stream, and a flat list of sizes.</summary>
    public static IReadOnlyList<ImageRequest> Requests { get; } =
    [
        Request("gpt-image-2", ImageQuality.Low, new(1024, 1024)),
        Request("gpt-image-2", ImageQuality.Low, new(1024, 1024)),
        Request("gpt-image-2", ImageQuality.Medium, new(1536, 1024)) with { Count = 3 },
        Request("gpt-image-2", ImageQuality.High, new(1024, 1024)) with { Count = 2 },
        Request("gpt-image-2", ImageQuality.Auto, size: null),
        Request("gpt-image-2", ImageQuality.Low, new(1024, 1024)) with { Stream = true, PartialImages = 2 },
        Request("gpt-image-1.5", ImageQuality.Medium, new(1024, 1536)),
    ];

    private static ImageRequest Request(string model, ImageQuality quality, ImageSize? size) => new()
    {
        Model = Models.Find(model).TryGet(out var spec, out _) ? spec : throw new ArgumentException(model, nameof(model)),
        Prompt = "a red fox",
        Quality = quality,
        Size = size,
    };
}
