using System.Text.Json;

namespace ServerlessImages.Benchmarks;

/// <summary>Measures one scenario: the bare upstream and the product in turn, and after each run the product's books.</summary>
internal sealed class Benchmark(BenchmarkOptions options, string folder)
{
    /// <summary>The JIT compiles what is hot in the background, for a few seconds.</summary>
    private TimeSpan WarmUp => options.Quick ? TimeSpan.FromSeconds(3) : TimeSpan.FromSeconds(8);

    /// <param name="storage">The settings of the store, or null for the embedded one.</param>
    /// <exception cref="WrongBooksException">The ledger and the callers disagree: then no time is worth anything.</exception>
    public async Task<IReadOnlyList<Measurement>> RunAsync(Scenario scenario, IReadOnlyDictionary<string, string?>? storage, CancellationToken cancel)
    {
        var image = PngFile.Make(scenario.ImageBytes);
        using var upstream = new UpstreamStub(image, scenario.Delay);
        await using var product = await ProductProcess.StartAsync(upstream, Path.Combine(folder, scenario.Name), storage, cancel);
        var books = new Books(upstream);
        books.Told(1, await FirstImageAsync(product, image, cancel));
        var idle = product.MemoryNowBytes;

        var warmUp = await Load.RunAsync(product.Target, scenario.InFlight[^1], WarmUp, cancel);
        books.Told(warmUp.Requests, warmUp.Cost);
        var measurements = new List<Measurement>();
        foreach (var inFlight in scenario.InFlight) measurements.Add(await MeasureAsync(scenario, inFlight, upstream, product, books, idle, cancel));
        return measurements;
    }

    private async Task<Measurement> MeasureAsync(Scenario scenario, int inFlight, UpstreamStub upstream, ProductProcess product, Books books, long idle, CancellationToken cancel)
    {
        var callsBefore = upstream.Calls;
        var bare = await Load.RunAsync(ProductProcess.BareCall(upstream), inFlight, options.Time, cancel);
        books.NotOurs(upstream.Calls - callsBefore);

        var (before, processorTime) = (await product.StateAsync(cancel), product.ProcessorTime);
        var result = await Load.RunAsync(product.Target, inFlight, options.Time, cancel);
        processorTime = product.ProcessorTime - processorTime;
        var after = await product.StateAsync(cancel);
        books.Told(result.Requests, result.Cost);
        books.Check(after);
        product.DropImages();
        return new Measurement(scenario, inFlight, bare, result, processorTime, after.AllocatedBytes - before.AllocatedBytes, idle, product.PeakMemoryBytes);
    }

    /// <summary>The first answer is looked at closely, the others by status, length and cost.</summary>
    private static async Task<Money> FirstImageAsync(ProductProcess product, byte[] image, CancellationToken cancel)
    {
        using var client = await WireClient.ConnectAsync(product.Target, cancel);
        using var body = new MemoryStream();
        var answer = await client.SendAsync(body, cancel);
        using var json = JsonDocument.Parse(body.ToArray());
        if (answer.Status != 200) throw new InvalidOperationException($"The first request was answered with {answer.Status}: {json.RootElement}");

        var root = json.RootElement;
        var isWhole = root.GetProperty("data")[0].GetProperty("b64_json").GetBytesFromBase64().AsSpan().SequenceEqual(image);
        var isPaid = answer.Cost > Money.Zero && root.GetProperty("cost").GetProperty("amount_usd").GetString() == answer.Cost.ToString();
        return isWhole && isPaid ? answer.Cost : throw new WrongBooksException("The first answer has another image than the upstream's, or another cost than its header.");
    }
}

/// <summary>What the callers were told, against what the ledger has.</summary>
internal sealed class Books(UpstreamStub upstream)
{
    private long requests;
    private Money cost;
    private int notOurs;

    public void Told(int count, Money total)
    {
        requests += count;
        cost += total;
    }

    /// <summary>Upstream calls that were made without the product.</summary>
    public void NotOurs(int calls) => notOurs += calls;

    /// <exception cref="WrongBooksException">They disagree.</exception>
    public void Check(ProductState state)
    {
        if (state.SettledMicros != cost.Micros) throw new WrongBooksException($"Settled are {state.SettledMicros} micros, and callers were told {cost.Micros}.");
        if (state.HeldMicros != 0 || state.OpenHolds != 0) throw new WrongBooksException($"{state.OpenHolds} holds of {state.HeldMicros} micros are left.");
        if (state.Entries != requests + 1) throw new WrongBooksException($"The ledger has {state.Entries} entries for {requests} requests and a grant.");
        if (upstream.Calls - notOurs != requests) throw new WrongBooksException($"The upstream drew {upstream.Calls - notOurs} images for {requests} requests.");
    }
}

internal sealed class WrongBooksException(string message) : Exception(message);

/// <param name="Quick">A look, not a measurement.</param>
/// <param name="Only">The name of a scenario, or null for all.</param>
/// <param name="Time">Of each measurement.</param>
/// <param name="Folder">On the disk that is measured.</param>
/// <param name="Azurite">Also over Microsoft's storage emulator.</param>
internal sealed record BenchmarkOptions(bool Quick, string? Only, TimeSpan Time, string Folder, bool Azurite);
