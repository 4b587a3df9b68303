using ServerlessImages.Images;
using ServerlessImages.Tests.Images;

namespace ServerlessImages.Tests.Api;

/// <summary>Waits until it is told to go on, reads the first input, and answers with an image of its own.</summary>
internal sealed class PatientModel : IImageModel
{
    private static readonly byte[] Image = SampleImages.APng(SampleImages.Ihdr(1024, 1024), SampleImages.PngChunk("IDAT", 1), SampleImages.PngChunk("IEND"));
    private readonly TaskCompletionSource go = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The hash of each input that it has read.</summary>
    public List<string> Seen { get; } = [];

    public void Go() => go.SetResult();

    public async Task<Result<GeneratedImages>> GenerateAsync(ImageCall call, Func<PartialImage, ValueTask> onPartial, CancellationToken deadline)
    {
        await go.Task.WaitAsync(deadline);
        await using var input = call.Request.Inputs[0].Open();
        using var bytes = new MemoryStream();
        await input.CopyToAsync(bytes, deadline);
        Seen.Add(StoredImage.Of(bytes.ToArray()).Sha256);
        return new GeneratedImages { Images = [Image], Deployment = "patient" };
    }
}
