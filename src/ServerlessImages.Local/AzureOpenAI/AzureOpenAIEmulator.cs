using System.Net;
using ServerlessImages.Drawn;

namespace ServerlessImages.Local.AzureOpenAI;

/// <summary>
/// Azure OpenAI's images endpoints on this machine: the real wire, real pictures and token counts, no model and no bill.
/// What fails is steered by words in the prompt: <see cref="PromptSteer.All"/>.
/// </summary>
public sealed class AzureOpenAIEmulator : IAsyncDisposable
{
    private const long BodyBytesMax = 128 * 1024 * 1024;
    private readonly WebApplication application;
    private readonly CallLog log;
    private readonly Resources resources;

    private AzureOpenAIEmulator(WebApplication application, CallLog log, Resources resources, Uri endpoint) =>
        (this.application, this.log, this.resources, Endpoint) = (application, log, resources, endpoint);

    /// <summary>What an Azure OpenAI resource's endpoint would be: <c>http://127.0.0.1:{port}/</c>.</summary>
    public Uri Endpoint { get; }

    /// <summary>Generation and edit calls received, refused ones too.</summary>
    public int Calls => log.Calls;

    /// <summary>Finished images, partial ones not counted.</summary>
    public int ImagesDrawn => log.ImagesDrawn;

    /// <summary>Calls whose caller went away before the answer was complete.</summary>
    public int CancelledCalls => log.CancelledCalls;

    /// <summary>The endpoint of another resource on this emulator, with quotas and blocks of its own.</summary>
    public Uri ResourceEndpoint(string resource) => new(Endpoint, resource + "/");

    /// <summary>Azure's abuse monitoring closes a resource, as it does for one customer's prompts.</summary>
    /// <param name="resource">Of <see cref="ResourceEndpoint"/>, or "" for <see cref="Endpoint"/> itself.</param>
    public void Block(string resource, TimeSpan duration) => resources.Block(resource, duration);

    public bool IsBlocked(string resource) => resources.IsBlocked(resource);

    /// <summary>How many calls of a resource its content filter refused within the window; counted only where they can lead to a block.</summary>
    public int Refusals(string resource) => resources.Refusals(resource);

    /// <summary>The latest calls, oldest first, at most 1,000.</summary>
    public IReadOnlyCollection<ReceivedCall> Received => log.Received();

    public static async Task<AzureOpenAIEmulator> StartAsync(AzureOpenAIEmulatorOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        var calls = new CallLog();
        var closed = new Resources(options);
        var built = Build(options.Port);
        EmulatorRoutes.Map(built, new ImageCalls(options, calls, closed, new Studio(new Painter(), calls)));
        await built.StartAsync(cancellationToken);
        return new(built, calls, closed, new Uri(built.Urls.Single()));
    }

    /// <summary>Ends at once: a call that is still being answered is cut off.</summary>
    public async ValueTask DisposeAsync()
    {
        await application.StopAsync(new CancellationToken(canceled: true));
        await application.DisposeAsync();
    }

    private static WebApplication Build(int port)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = BodyBytesMax;
            kestrel.Listen(IPAddress.Loopback, port);
        });
        return builder.Build();
    }
}
