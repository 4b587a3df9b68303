using System.Security.Cryptography;
using System.Text.Json;
using ServerlessImages.Pricing;

namespace ServerlessImages.Images;

/// <summary>What a request brought, without the bytes: what is kept beside them, and what every answer about it is made of.</summary>
/// <param name="Size">Of the images as they are.</param>
/// <param name="Quality">As drawn where the model says so, else as asked.</param>
/// <param name="UpstreamCost">What it cost us. Never shown to a caller.</param>
/// <param name="Deployment">The operator's name of the deployment that drew it. Never shown to a caller.</param>
public sealed record ImageResult(
    DateTimeOffset Created,
    ImageSize Size,
    ImageQuality Quality,
    ImageBackground Background,
    ImageFormat Format,
    TokenUsage? Usage,
    Money Charge,
    Quote Quote,
    Money UpstreamCost,
    string Deployment,
    IReadOnlyList<StoredImage> Images)
{
    /// <summary>Which attempt at a job it is of; 1 where it is no job's.</summary>
    public int Attempt { get; init; } = 1;

    /// <summary>The calls upstream that were made for it, as <c>AttemptLog</c> writes them.</summary>
    public string Attempts { get; init; } = "";

    /// <summary>How its request ends once it is charged.</summary>
    public Ledger.ClosedRequest Close(Ledger.Hold hold) => new(hold.Request, hold.Quote, hold.Rail, hold.HeldAt, UpstreamCost, Images.Count, Usage, Deployment, ErrorCode: "")
    {
        ImageHashes = string.Join(' ', Images.Select(image => image.Sha256)),
        Attempts = Attempts,
    };

    /// <exception cref="JsonException">The note is not one of ours.</exception>
    public static ImageResult Parse(string json) => JsonSerializer.Deserialize<ImageResult>(json) ?? throw new JsonException("The stored result is empty.");

    public string ToJson() => JsonSerializer.Serialize(this);
}

/// <param name="Sha256">Of the bytes, in hex.</param>
public sealed record StoredImage(string Sha256, long LengthBytes)
{
    public static StoredImage Of(ReadOnlyMemory<byte> bytes) => new(Convert.ToHexStringLower(SHA256.HashData(bytes.Span)), bytes.Length);
}
