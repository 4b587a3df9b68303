using ServerlessImages.Images;
using ServerlessImages.Pricing;
using ServerlessImages.Simulation.Scheduling;

namespace ServerlessImages.Simulation.World;

/// <summary>One process's connection to the image model, which draws slowly, fails, and miscounts.</summary>
internal sealed class VirtualUpstream(UpstreamRates rates, VirtualClock clock, SeededRandom random) : IImageModel
{
    public async Task<Result<GeneratedImages>> GenerateAsync(ImageCall call, Func<PartialImage, ValueTask> onPartial, CancellationToken deadline)
    {
        await Task.Delay(Duration(), clock, deadline);
        if (random.Chance(rates.Throws)) throw new SimulatedFaultException("the upstream's connection broke");
        if (random.Chance(rates.Fails)) return random.Pick<ApiError>([ApiError.UpstreamFailed("simulated"), ApiError.UpstreamRejected("simulated"), ApiError.NoDeploymentAvailable(retryAfter: null, "simulated")]);

        var size = call.Request.Size ?? new(1024, 1024);
        for (var index = 0; index < call.Request.PartialImages; index++) await onPartial(new PartialImage(index, Pictures.Of(size)));
        var count = random.Chance(rates.Fewer) ? random.Between(0, call.Request.Count) : call.Request.Count;
        return new GeneratedImages
        {
            Images = [.. Enumerable.Range(0, count).Select(_ => Picture(size))],
            Usage = random.Chance(rates.NoUsage) ? null : Usage(call.Request),
            PartialImages = call.Request.PartialImages,
            Deployment = "simulated",
        };
    }

    private TimeSpan Duration()
    {
        if (random.Chance(rates.Stalls)) return TimeSpan.FromHours(1);
        return random.Chance(rates.Slow) ? random.Between(TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(180)) : random.Between(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(40));
    }

    private ReadOnlyMemory<byte> Picture(ImageSize size)
    {
        if (random.Chance(rates.Broken)) return Pictures.Broken(size);
        return random.Chance(rates.WrongSize) ? Pictures.Of(new(size.Width / 2, size.Height)) : Pictures.Of(size);
    }

    private TokenUsage Usage(ImageRequest request)
    {
        var bound = TokenBound.Of(request);
        var output = random.Chance(rates.MoreUsage) ? bound.Output * random.Between(1, 4) : bound.Output - random.Between(0, (int)bound.Output / 2);
        return new TokenUsage(random.Between(1, 16 + request.Prompt.Length), 0, output);
    }
}

/// <summary>A fault of the simulated world that Core cannot know by name. Any other exception that comes out of Core is Core's own fault.</summary>
internal sealed class SimulatedFaultException(string message) : Exception("simulated: " + message);
