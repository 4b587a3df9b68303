using System.Security.Cryptography;
using ServerlessImages.Images;

namespace ServerlessImages.Jobs;

/// <summary>An order as it is stored: all of it but the bytes of its images and what its hold says. Never in a table or a log.</summary>
/// <param name="Images">How many of the stored images are inputs; then come the mask and the markup, where there are.</param>
internal sealed record OrderDocument(
    string Operation,
    string Model,
    string Prompt,
    int Count,
    string? Size,
    string Quality,
    string Background,
    string Format,
    int? Compression,
    string Moderation,
    bool Stream,
    int PartialImages,
    string? InputFidelity,
    int Images,
    bool HasMask,
    bool HasMarkup,
    string Retention,
    string? EndUser)
{
    public static OrderDocument Of(ImageOrder order)
    {
        var request = order.Request;
        return new(
            request.Operation.ToWire(),
            request.Model.Id,
            request.Prompt,
            request.Count,
            request.Size?.ToString(),
            request.Quality.ToWire(),
            request.Background.ToWire(),
            request.Format.ToWire(),
            request.Compression,
            request.Moderation.ToWire(),
            request.Stream,
            request.PartialImages,
            request.InputFidelity?.ToWire(),
            request.Inputs.Count,
            request.Mask is not null,
            request.Markup is not null,
            order.Retention.ToWire(),
            order.EndUser);
    }

    public ImageOrder ToOrder(ModelSpec model, IReadOnlyList<byte[]> images)
    {
        var inputs = images.Select(Input).ToArray();
        var request = new ImageRequest
        {
            Operation = Word<ImageOperation>(Operation),
            Model = model,
            Prompt = Prompt,
            Count = Count,
            Size = Size is not null && ImageSize.TryParse(Size, out var size) ? size : null,
            Quality = Word<ImageQuality>(Quality),
            Background = Word<ImageBackground>(Background),
            Format = Word<ImageFormat>(Format),
            Compression = Compression,
            Moderation = Word<ModerationLevel>(Moderation),
            Stream = Stream,
            PartialImages = PartialImages,
            InputFidelity = InputFidelity is null ? null : Word<InputFidelity>(InputFidelity),
            Inputs = inputs[..Images],
            Mask = HasMask ? inputs[Images] : null,
            Markup = HasMarkup ? inputs[^1] : null,
        };
        return new ImageOrder(request) { Retention = Word<Retention>(Retention), EndUser = EndUser };
    }

    private static InputImage Input(byte[] bytes) => new(
        ImageHeader.TryRead(bytes, out var header) ? header : throw new InvalidDataException("An image of a stored order is none."),
        bytes.Length,
        Convert.ToHexStringLower(SHA256.HashData(bytes)),
        () => new MemoryStream(bytes, writable: false));

    private static T Word<T>(string word)
        where T : struct, Enum => WireNames.TryFromWire<T>(word, out var value) ? value : throw new InvalidDataException($"A stored order says '{word}'.");
}
