namespace ServerlessImages.Storage;

/// <summary>
/// Hints that a row has work: Storage Queues in production, in process on one machine. Rows are the truth. A message may be lost, come twice, late, or in any order; whoever
/// sends it can be sure of nothing, and whoever gets it looks at the row.
/// </summary>
public interface IWorkQueue
{
    /// <param name="queue">One of <see cref="QueueNames.All"/>.</param>
    /// <param name="message">At most <see cref="QueueNames.MessageBytesMax"/> in UTF-8.</param>
    /// <param name="delay">Nobody gets it before. At most <see cref="QueueNames.DelayMax"/>.</param>
    /// <exception cref="ArgumentException">The message or the delay is beyond that.</exception>
    /// <exception cref="StoreUnavailableException">It may or may not have been sent.</exception>
    Task SendAsync(string queue, string message, TimeSpan delay, CancellationToken cancel);

    /// <summary>The messages of a queue, each as it comes, until it is cancelled. Where the Functions host reads the queue, nobody else does.</summary>
    /// <param name="hiddenFor">For so long nobody else gets a message that was handed out; after that it comes again, unless it is done.</param>
    /// <exception cref="StoreUnavailableException">The queue could not be asked; read on.</exception>
    IAsyncEnumerable<WorkMessage> ReadAsync(string queue, TimeSpan hiddenFor, CancellationToken cancel);

    /// <summary>It does not come again. Without effect once it was handed out again.</summary>
    /// <exception cref="StoreUnavailableException">It may come again.</exception>
    Task DoneAsync(WorkMessage message, CancellationToken cancel);
}

/// <param name="Deliveries">How often it was handed out, from 1 on.</param>
/// <param name="Receipt">Of this delivery.</param>
public sealed record WorkMessage(string Queue, string Text, int Deliveries, string Id, string Receipt);
