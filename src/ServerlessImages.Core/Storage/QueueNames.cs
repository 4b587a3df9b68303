using System.Text;

namespace ServerlessImages.Storage;

/// <summary>Every queue of the product, and what every queue refuses.</summary>
public static class QueueNames
{
    /// <summary>Azure takes 64 KiB, and a message goes there in base64.</summary>
    public const int MessageBytesMax = 32 * 1024;

    /// <summary>Azure keeps a message for 7 days.</summary>
    public static readonly TimeSpan DelayMax = TimeSpan.FromDays(6);

    /// <summary>Jobs that can run: <c>RunJobs</c>.</summary>
    public const string Jobs = "jobs";

    public static IReadOnlyList<string> All { get; } = [Jobs];

    /// <summary>Where the Functions host puts what failed too often.</summary>
    public static string PoisonOf(string queue) => queue + "-poison";

    /// <exception cref="ArgumentException">The message is too long, or the delay.</exception>
    public static void Check(string message, TimeSpan delay)
    {
        if (Encoding.UTF8.GetByteCount(message) > MessageBytesMax) throw new ArgumentException($"A message has at most {MessageBytesMax} bytes.", nameof(message));
        if (delay < TimeSpan.Zero || delay > DelayMax) throw new ArgumentException($"A message waits for at most {DelayMax.TotalDays} days.", nameof(delay));
    }
}
