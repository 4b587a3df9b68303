using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace ServerlessImages.EndToEnd;

/// <summary>Several instances over the same storage, each at an address of its own. One that is killed is started again at once.</summary>
internal sealed class Instances : IAsyncDisposable
{
    private readonly IReadOnlyDictionary<string, string?> settings;
    private readonly Instance[] all;
    private TaskCompletionSource<Uri> nextDelivery = new();

    public Instances(IEnumerable<Uri> addresses, IReadOnlyDictionary<string, string?> settings)
    {
        this.settings = settings;
        all = [.. addresses.Select(address => new Instance(address))];
    }

    /// <summary>What killed instances had logged as errors.</summary>
    public ConcurrentQueue<string> Errors { get; } = new();

    public int Kills { get; private set; }

    public Task StartAsync(CancellationToken cancel)
    {
        foreach (var instance in all) Start(instance, cancel);
        return Task.WhenAll(all.Select(each => each.Ready));
    }

    /// <returns>The address of one that serves, as a load balancer would choose; of any, if none does.</returns>
    public Uri Any(Random random)
    {
        var serving = all.Where(each => each.Ready.IsCompletedSuccessfully).ToArray();
        return serving.Length > 0 ? serving[random.Next(serving.Length)].Address : all[random.Next(all.Length)].Address;
    }

    /// <summary>Told of every image that a caller has got.</summary>
    public void Delivered(Uri address) => nextDelivery.TrySetResult(address);

    /// <summary>
    /// Waits until there is another one to go on with, and kills one: at any moment, or in the very moment in which a caller has its answer, when whatever
    /// the product left for later is still undone.
    /// </summary>
    /// <param name="ordering">What keeps the callers ordering: if it ends, no delivery will come.</param>
    public async Task KillOneAsync(Random random, Task ordering, CancellationToken cancel)
    {
        var serving = await ServingAsync();
        var instance = serving[random.Next(serving.Count)];
        if (random.Next(2) == 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(random.Next(400)), cancel);
        }
        else
        {
            nextDelivery = new TaskCompletionSource<Uri>();

            // Goes on in the caller's own step, without waiting for a free thread.
            if (await Task.WhenAny(nextDelivery.Task, ordering).ConfigureAwait(false) == ordering) throw new InvalidOperationException("The callers ended.", ordering.Exception);
            var address = await nextDelivery.Task;
            instance = all.Single(each => each.Address == address);
        }

        await KillAsync(instance);
        Start(instance, cancel);
    }

    /// <returns>At least two.</returns>
    private async Task<IReadOnlyList<Instance>> ServingAsync()
    {
        while (true)
        {
            var serving = all.Where(each => each.Ready.IsCompletedSuccessfully).ToArray();
            if (serving.Length >= 2) return serving;
            await await Task.WhenAny(all.Except(serving).Select(each => each.Ready));
        }
    }

    /// <summary>Leaves none.</summary>
    public async Task KillAllAsync()
    {
        foreach (var instance in all)
        {
            await instance.Ready;
            await KillAsync(instance);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var instance in all)
        {
            if (instance.Process is { } process) await process.DisposeAsync();
        }
    }

    private async Task KillAsync(Instance instance)
    {
        if (await instance.Process!.KillAsync() is { Length: > 0 } errors) Errors.Enqueue(errors);
        await instance.Process.DisposeAsync();
        instance.Process = null;
        Kills++;
    }

    private void Start(Instance instance, CancellationToken cancel)
    {
        instance.Process = ApiProcess.Start(instance.Address, settings);
        instance.Ready = instance.Process.ReadyAsync(cancel);
    }

    /// <summary>All taken at once, so that no two are the same.</summary>
    public static Uri[] FreeAddresses(int count)
    {
        var listeners = Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToArray();
        foreach (var listener in listeners) listener.Start();
        var ports = listeners.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port).ToArray();
        foreach (var listener in listeners) listener.Dispose();
        return [.. ports.Select(port => new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}/")))];
    }

    private sealed class Instance(Uri address)
    {
        public Uri Address { get; } = address;
        public ApiProcess? Process { get; set; }
        public Task Ready { get; set; } = Task.CompletedTask;
    }
}
