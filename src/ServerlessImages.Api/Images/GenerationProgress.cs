using System.Threading.Channels;
using ServerlessImages.Images;
using ServerlessImages.Ledger;

namespace ServerlessImages.Api.Images;

/// <summary>
/// What is heard of a running generation. It never touches the response: the work may outlive it, and the server uses its objects again for the next call.
/// </summary>
/// <param name="wait">The caller's, to be told of the hold whenever it is made.</param>
internal sealed class GenerationProgress(CallerWait wait) : IGenerationListener
{
    // At most three images, so that a slow reader never holds up the work.
    private readonly Channel<PartialImage> partials = Channel.CreateUnbounded<PartialImage>();
    private readonly TaskCompletionSource<Begun> begun = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when the request has the id that counts; never, where it is refused before.</summary>
    public Task<Begun> Begun => begun.Task;

    public ChannelReader<PartialImage> Partials => partials.Reader;

    public void OnBegun(string requestId, OpenHold? hold)
    {
        if (hold is not null) wait.Held(hold);
        begun.TrySetResult(new Begun(requestId, hold));
    }

    public ValueTask OnPartialAsync(PartialImage partial)
    {
        partials.Writer.TryWrite(partial);
        return ValueTask.CompletedTask;
    }

    public void End() => partials.Writer.TryComplete();
}

/// <param name="Hold">Null if the request waits for an earlier one's answer.</param>
internal sealed record Begun(string RequestId, OpenHold? Hold);
