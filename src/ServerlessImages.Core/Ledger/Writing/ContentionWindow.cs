namespace ServerlessImages.Ledger.Writing;

/// <summary>
/// How instances that write the same partition keep out of each other's way: after losing, each waits a random part of a window before it collects its next
/// batch, so that batches grow and collisions fall. Alone there is no wait at all.
/// </summary>
internal sealed class ContentionWindow(TimeProvider clock, IEntropy entropy)
{
    private const double MillisecondsMax = 400;
    private const double AlwaysWaitAbove = 60;
    private double milliseconds;
    private bool hasLost;

    public Task WaitAsync() =>
        hasLost || milliseconds > AlwaysWaitAbove
            ? Task.Delay(TimeSpan.FromMilliseconds(1 + (entropy.NextFraction() * milliseconds)), clock, CancellationToken.None)
            : Task.CompletedTask;

    public void Lost()
    {
        hasLost = true;
        milliseconds = Math.Min((milliseconds * 1.5) + 8, MillisecondsMax);
    }

    public void Won()
    {
        hasLost = false;
        milliseconds = Math.Max((milliseconds * 0.7) - 1, 0);
    }
}
