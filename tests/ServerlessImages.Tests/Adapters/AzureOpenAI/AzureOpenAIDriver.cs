using Azure.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using ServerlessImages.AzureOpenAI;
using ServerlessImages.Deployments;
using ServerlessImages.Images;

namespace ServerlessImages.Tests.Adapters.AzureOpenAI;

/// <summary>The adapter with one deployment, <c>west</c>, on a stub.</summary>
internal sealed class AzureOpenAIDriver : IAsyncDisposable
{
    private readonly AzureOpenAIDeployments deployments;

    private AzureOpenAIDriver(UpstreamStub stub, AzureOpenAIDeployments deployments) => (Stub, this.deployments) = (stub, deployments);

    public static DateTimeOffset Now { get; } = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    public UpstreamStub Stub { get; }

    /// <summary>How the last call ended.</summary>
    public Attempt? Attempt { get; private set; }

    /// <summary>What the caller was shown, in order.</summary>
    public List<PartialImage> Partials { get; } = [];

    public static async Task<AzureOpenAIDriver> StartAsync(
        RequestDelegate answer, Func<Uri, AzureOpenAIOptions>? options = null, TokenCredential? credential = null)
    {
        var stub = await UpstreamStub.StartAsync(answer, TestContext.Current.CancellationToken);
        var chosen = (options ?? (endpoint => Options(ADeployment(endpoint))))(stub.Address);
        return new(stub, new(chosen, _ => credential ?? throw new InvalidOperationException("No credential is expected."), new FakeTimeProvider(Now), NullLogger<AzureOpenAIDeployments>.Instance));
    }

    public static AzureOpenAIOptions Options(params AzureOpenAIDeploymentOptions[] deployments) => new() { Deployments = deployments };

    public static AzureOpenAIDeploymentOptions ADeployment(Uri endpoint, AzureOpenAIRoute route = AzureOpenAIRoute.V1, string? apiVersion = null, string apiKey = "secret-key", bool sendSafetyIdentifier = true) => new()
    {
        Name = "west",
        Model = "gpt-image-2",
        Endpoint = endpoint,
        Deployment = "image two",
        Route = route,
        ApiVersion = apiVersion,
        ApiKey = apiKey,
        SendSafetyIdentifier = sendSafetyIdentifier,
    };

    public static ImageRequest ARequest(int count = 1, ImageQuality quality = ImageQuality.Low, bool stream = false, int partialImages = 0) => new()
    {
        Model = AModel,
        Prompt = "a cat",
        Count = count,
        Quality = quality,
        Stream = stream,
        PartialImages = partialImages,
    };

    public Task<Result<GeneratedImages>> GenerateAsync(ImageRequest? request = null, string? safetyIdentifier = null) =>
        GenerateAsync(request, TestContext.Current.CancellationToken, safetyIdentifier);

    public Task<Result<GeneratedImages>> GenerateAsync(ImageRequest? request, CancellationToken deadline, string? safetyIdentifier = null) =>
        GenerateAsync(request ?? ARequest(), Remember, deadline, safetyIdentifier);

    public async Task<Result<GeneratedImages>> GenerateAsync(ImageRequest request, Func<PartialImage, ValueTask> onPartial, CancellationToken deadline, string? safetyIdentifier = null)
    {
        Attempt = await deployments.TryAsync(deployments.All[0], new("req_1", request, safetyIdentifier, new FairShare("acct_1", 1)), onPartial, deadline);
        return Attempt.Result;
    }

    public async ValueTask DisposeAsync()
    {
        deployments.Dispose();
        await Stub.DisposeAsync();
    }

    private ValueTask Remember(PartialImage partial)
    {
        Partials.Add(partial);
        return ValueTask.CompletedTask;
    }

    private static ModelSpec AModel { get; } = new()
    {
        Id = "gpt-image-2",
        Created = new(2026, 4, 21),
        Qualities = [ImageQuality.Low, ImageQuality.Medium, ImageQuality.High],
        Formats = [ImageFormat.Png, ImageFormat.Jpeg, ImageFormat.Webp],
        Backgrounds = [ImageBackground.Opaque, ImageBackground.Transparent],
        OutputTokens = new OutputTokens.Grid(new Dictionary<ImageQuality, int> { [ImageQuality.Low] = 16, [ImageQuality.High] = 96 }),
        ExpectedTime = new Dictionary<ImageQuality, TimeSpan>
        {
            [ImageQuality.Low] = TimeSpan.FromSeconds(18),
            [ImageQuality.Medium] = TimeSpan.FromSeconds(40),
            [ImageQuality.High] = TimeSpan.FromSeconds(130),
        },
    };
}
