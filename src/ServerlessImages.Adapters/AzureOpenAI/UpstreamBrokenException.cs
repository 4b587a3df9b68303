namespace ServerlessImages.AzureOpenAI;

/// <summary>The upstream was not reached, its answer broke off, or it is longer than what we read. Nothing else throws this.</summary>
internal sealed class UpstreamBrokenException(string message, Exception? cause = null) : Exception(message, cause)
{
    /// <summary>Whether the request may have reached the upstream, which then draws and bills.</summary>
    public bool WasSent { get; init; } = true;
}
