namespace ServerlessImages.Images;

/// <summary>Fetches images from addresses that callers name. Never from inside our own network, whatever the address, its DNS or its redirects say.</summary>
public interface IImageFetcher
{
    /// <param name="url">A caller's own word: it and what it leads to are never logged.</param>
    /// <param name="write">Takes the bytes as they come, one piece after the other, none of them kept.</param>
    /// <param name="connection">Ends the fetching.</param>
    Task<FetchOutcome> FetchAsync(string url, Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> write, CancellationToken connection);
}

public enum FetchOutcome
{
    /// <summary>All of it has been written.</summary>
    Done,

    /// <summary>The address alone says that it is not fetched.</summary>
    Refused,

    /// <summary>Anything else, in one word: callers must not learn from it what is inside.</summary>
    Unreachable,
}
