using System.ComponentModel.DataAnnotations;

namespace ServerlessImages.Fetch;

/// <summary>Limits of fetching the images that callers name by address.</summary>
public sealed class FetchOptions
{
    public const string Section = "Fetch";

    /// <summary>How long one image may take, redirects, DNS and body together.</summary>
    /// <value>Default 10 seconds, 1 second to 1 minute.</value>
    [Range(typeof(TimeSpan), "00:00:01", "00:01:00")]
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The largest image that is fetched, in bytes. Azure takes less than 50 MB.</summary>
    /// <value>Default 32 MiB, 1 KiB to 48 MiB.</value>
    [Range(1024, 48 * 1024 * 1024)]
    public int BytesMax { get; init; } = 32 * 1024 * 1024;
}
