namespace ServerlessImages.Local.AzureOpenAI;

/// <summary>What happened, counted; and the latest calls themselves.</summary>
internal sealed class CallLog
{
    /// <summary>Older calls are forgotten: an emulator may run for days.</summary>
    public const int ReceivedMax = 1_000;

    private readonly Lock gate = new();
    private readonly Queue<ReceivedCall> received = new();
    private int calls;
    private int imagesDrawn;
    private int cancelledCalls;

    public int Calls => Volatile.Read(ref calls);
    public int ImagesDrawn => Volatile.Read(ref imagesDrawn);
    public int CancelledCalls => Volatile.Read(ref cancelledCalls);

    /// <returns>The call's number, from 1 on.</returns>
    public int CountCall() => Interlocked.Increment(ref calls);

    public void CountImage() => Interlocked.Increment(ref imagesDrawn);

    public void CountCancelled() => Interlocked.Increment(ref cancelledCalls);

    public void Keep(ReceivedCall call)
    {
        lock (gate)
        {
            if (received.Count == ReceivedMax) received.Dequeue();
            received.Enqueue(call);
        }
    }

    public IReadOnlyCollection<ReceivedCall> Received()
    {
        lock (gate) return [.. received];
    }
}
