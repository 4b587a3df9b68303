using ServerlessImages.Images;

namespace ServerlessImages.Api.Images;

/// <summary>An order as it came in. Disposing it ends its files, unless the work has taken them.</summary>
internal sealed class IncomingOrder(ImageOrder order, IDisposable? files = null) : IDisposable
{
    private IDisposable? files = files;

    public ImageOrder Order { get; private set; } = order;

    /// <param name="key">Null for none.</param>
    public IncomingOrder WithKey(string? key)
    {
        Order = Order with { IdempotencyKey = key };
        return this;
    }

    /// <returns>What whoever takes it has to dispose; null where the order brought no files.</returns>
    public IDisposable? TakeFiles() => Interlocked.Exchange(ref files, null);

    public void Dispose() => files?.Dispose();
}
