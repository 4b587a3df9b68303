using ServerlessImages.Simulation.Scheduling;
using ServerlessImages.Storage;

namespace ServerlessImages.Simulation.Stores;

/// <summary>One process's connection to the blobs. Its port has one failure for all that is not known.</summary>
internal sealed class FaultyBlobs(BlobModel model, Weather weather, VirtualProcess process, VirtualProcess network, Action written) : IBlobStore
{
    public Task<bool> PutAsync(string name, ReadOnlyMemory<byte> bytes, string contentType, string note, CancellationToken cancel) =>
        WriteAsync(
            () =>
            {
                var isNew = model.Put(name, bytes, contentType, note);
                if (isNew) written();
                return isNew;
            },
            cancel);

    public Task<string?> FindNoteAsync(string name, CancellationToken cancel) =>
        ReadAsync(() => model.Find(name)?.Note, cancel);

    public Task<BlobContent?> OpenAsync(string name, CancellationToken cancel) =>
        ReadAsync(() => model.Find(name) is { } blob ? new BlobContent(new MemoryStream(blob.Bytes.ToArray(), writable: false), blob.Bytes.Length, blob.ContentType) : null, cancel);

    public Task DeleteAsync(string name, CancellationToken cancel) => WriteAsync(
        () =>
        {
            model.Delete(name);
            return true;
        },
        cancel);

    private Task<bool> WriteAsync(Func<bool> write, CancellationToken cancel)
    {
        if (cancel.IsCancellationRequested) return Task.FromCanceled<bool>(cancel);
        var answer = new Answer<bool>(process, cancel);
        var fate = weather.NextWrite();
        if (fate is WriteFate.Applied) network.In(weather.Latency, () => answer.Arrive(weather.Latency, write()));
        else answer.Fail(weather.Timeout, new StoreUnavailableException("simulated: no answer"));

        if (fate is WriteFate.AnswerLost or WriteFate.Resent) network.In(weather.Latency, () => write());
        else if (fate is WriteFate.AppliedLate) network.In(weather.Late, () => write());
        return answer.Task;
    }

    private Task<T> ReadAsync<T>(Func<T> read, CancellationToken cancel)
    {
        if (cancel.IsCancellationRequested) return Task.FromCanceled<T>(cancel);
        var answer = new Answer<T>(process, cancel);
        if (weather.ReadFails()) answer.Fail(weather.Timeout, new StoreUnavailableException("simulated: no answer"));
        else network.In(weather.Latency, () => answer.Arrive(weather.Latency, read()));
        return answer.Task;
    }
}
