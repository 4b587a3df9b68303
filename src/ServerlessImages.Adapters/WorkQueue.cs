using System.Diagnostics.CodeAnalysis;

namespace ServerlessImages;

/// <summary>
/// What waits for threads that do nothing else. They sleep at once when there is nothing: a <c>BlockingCollection</c> spins first, which on two processors
/// is taken from those who serve.
/// </summary>
internal sealed class WorkQueue<T>
{
    private readonly Queue<T> waiting = new();
    private bool isClosed;

    /// <exception cref="ObjectDisposedException">It was closed.</exception>
    public void Add(T item)
    {
        lock (waiting)
        {
            ObjectDisposedException.ThrowIf(isClosed, this);
            waiting.Enqueue(item);
            Monitor.Pulse(waiting);
        }
    }

    /// <summary>Waits for the next item.</summary>
    /// <returns>False when it is closed and empty.</returns>
    public bool Take([MaybeNullWhen(false)] out T item)
    {
        lock (waiting)
        {
            while (waiting.Count == 0 && !isClosed) Monitor.Wait(waiting);
            return waiting.TryDequeue(out item);
        }
    }

    /// <summary>Takes the next item if it is there already.</summary>
    public bool TryTake([MaybeNullWhen(false)] out T item)
    {
        lock (waiting) return waiting.TryDequeue(out item);
    }

    /// <summary>What is there is still taken; nothing more is added.</summary>
    public void Close()
    {
        lock (waiting)
        {
            isClosed = true;
            Monitor.PulseAll(waiting);
        }
    }
}
