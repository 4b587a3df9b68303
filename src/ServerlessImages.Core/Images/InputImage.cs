namespace ServerlessImages.Images;

/// <summary>An image that the caller sent: looked at, hashed, and kept outside memory until its request ends.</summary>
/// <param name="Sha256">Of the bytes, in hex.</param>
/// <param name="Open">A new stream over the bytes, from their start; whoever opens it disposes it.</param>
public sealed record InputImage(ImageHeader Header, long LengthBytes, string Sha256, Func<Stream> Open);

/// <summary>How closely an edit keeps to its input images. Only some models have the choice.</summary>
public enum InputFidelity
{
    Low,
    High,
}

public enum ImageOperation
{
    Generation,
    Edit,
}
