using System.Diagnostics;
using System.Globalization;
using Azure;
using Azure.Data.Tables;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;

namespace ServerlessImages.Benchmarks;

/// <summary>
/// The storage calls of a paid image, and its upstream call between them, without the product: a transaction that replaces the balance and inserts a hold, a
/// blob, and a transaction that replaces the balance, deletes the hold and inserts an entry and its place. Each caller has a partition of its own, so that
/// none ever waits for another's.
/// </summary>
internal sealed class StorageFloor(string connectionString, Target upstream)
{
    private readonly TableClient table = new(connectionString, "floor");
    private readonly BlobContainerClient blobs = new(connectionString, "floor");

    public async Task<LoadResult> RunAsync(byte[] image, int inFlight, TimeSpan time, CancellationToken cancel)
    {
        await table.CreateIfNotExistsAsync(cancel);
        await blobs.CreateIfNotExistsAsync(cancellationToken: cancel);
        var started = Stopwatch.GetTimestamp();
        var callers = await Task.WhenAll(Enumerable.Range(0, inFlight).Select(number => Task.Run(() => CallAsync(number, image, started, time, cancel), cancel)));
        var times = callers.SelectMany(each => each).ToArray();
        Array.Sort(times);
        return new LoadResult(times, Money.Zero, Stopwatch.GetElapsedTime(started));
    }

    private async Task<List<TimeSpan>> CallAsync(int number, byte[] image, long started, TimeSpan time, CancellationToken cancel)
    {
        using var client = await WireClient.ConnectAsync(upstream, cancel);
        var partition = "p" + number.ToString(CultureInfo.InvariantCulture) + Guid.NewGuid().ToString("N");
        var balance = (await table.AddEntityAsync(Entity(partition, "B"), cancel)).Headers.ETag!.Value;
        var times = new List<TimeSpan>();
        while (Stopwatch.GetElapsedTime(started) < time)
        {
            var sent = Stopwatch.GetTimestamp();
            balance = await PayAsync(client, partition, balance, times.Count.ToString(CultureInfo.InvariantCulture), image, cancel);
            times.Add(Stopwatch.GetElapsedTime(sent));
        }

        return times;
    }

    /// <returns>The balance's new version.</returns>
    private async Task<ETag> PayAsync(WireClient client, string partition, ETag balance, string id, byte[] image, CancellationToken cancel)
    {
        var held = await table.SubmitTransactionAsync([Balance(partition, balance), new(TableTransactionActionType.Add, Entity(partition, "H|" + id))], cancel);
        await client.SendAsync(copy: null, cancel);
        var upload = new BlobUploadOptions { Metadata = new Dictionary<string, string>(StringComparer.Ordinal) { ["note"] = new('n', 600) }, Conditions = new() { IfNoneMatch = ETag.All } };
        await blobs.GetBlobClient($"{partition}/{id}/0").UploadAsync(BinaryData.FromBytes(image), upload, cancel);
        var settled = await table.SubmitTransactionAsync(
            [
                Balance(partition, held.Value[0].Headers.ETag!.Value),
                new(TableTransactionActionType.Delete, Entity(partition, "H|" + id), held.Value[1].Headers.ETag!.Value),
                new(TableTransactionActionType.Add, Entity(partition, "L|" + id)),
                new(TableTransactionActionType.Add, Entity(partition, "S|" + id)),
            ],
            cancel);
        return settled.Value[0].Headers.ETag!.Value;
    }

    private static TableTransactionAction Balance(string partition, ETag version) => new(TableTransactionActionType.UpdateReplace, Entity(partition, "B"), version);

    private static TableEntity Entity(string partition, string key) => new(partition, key) { ["Amount"] = 1L, ["At"] = 1L, ["Head"] = new string('0', 64), ["Token"] = new string('t', 26) };
}
