using ServerlessImages.Images;

namespace ServerlessImages.Api.Images;

/// <summary>The images that came with an edit, kept in temporary files that end with it.</summary>
internal sealed record EditFiles(IReadOnlyList<InputImage> Inputs, InputImage? Mask, InputImage? Markup);
