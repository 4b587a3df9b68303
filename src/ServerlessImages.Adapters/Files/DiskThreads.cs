namespace ServerlessImages.Files;

/// <summary>
/// Threads of their own for work that waits for the disk. The pool has as many as there are processors: two syncs would leave none to serve with. Several,
/// because the file system makes syncs that wait at once durable together.
/// </summary>
internal sealed class DiskThreads : IDisposable
{
    private const int Threads = 8;

    private readonly WorkQueue<Action> waiting = new();

    public DiskThreads()
    {
        for (var number = 0; number < Threads; number++) new Thread(RunAll) { IsBackground = true, Name = "Blobs to disk" }.Start();
    }

    public Task<T> RunAsync<T>(Func<T> work)
    {
        // The caller's code must not run on these threads.
        var answer = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        waiting.Add(() =>
        {
            try
            {
                answer.SetResult(work());
            }
#pragma warning disable CA1031 // It is the caller's, whatever it is.
            catch (Exception failure)
#pragma warning restore CA1031
            {
                answer.SetException(failure);
            }
        });
        return answer.Task;
    }

    /// <summary>What still waits is done; nothing more is taken.</summary>
    public void Dispose() => waiting.Close();

    private void RunAll()
    {
        while (waiting.Take(out var work)) work();
    }
}
