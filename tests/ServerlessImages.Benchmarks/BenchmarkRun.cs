using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using ServerlessImages.Local;

namespace ServerlessImages.Benchmarks;

/// <summary>All that was asked for, one scenario after the other, and the tables.</summary>
internal static class BenchmarkRun
{
    public static async Task<int> RunAsync(BenchmarkOptions options, CancellationToken cancel)
    {
        if (Assembly.GetExecutingAssembly().GetCustomAttribute<DebuggableAttribute>() is { IsJITOptimizerDisabled: true })
        {
            await Console.Error.WriteLineAsync("Measure what is shipped: run with -c Release.");
            return 1;
        }

        var folder = Directory.CreateDirectory(Path.Combine(options.Folder, "serverlessimages-benchmark-" + Environment.ProcessId.ToString(CultureInfo.InvariantCulture))).FullName;
        try
        {
            await MeasureAllAsync(new Benchmark(options, folder), options, cancel);
            return 0;
        }
        catch (WrongBooksException wrong)
        {
            await Console.Error.WriteLineAsync("Wrong books: " + wrong.Message);
            return 1;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task MeasureAllAsync(Benchmark benchmark, BenchmarkOptions options, CancellationToken cancel)
    {
        var report = new Report(Console.Out);
        report.Machine();
        report.Head();
        var all = new List<Measurement>();
        foreach (var scenario in Scenario.All.Where(each => options.Only is null || each.Name == options.Only))
        {
            foreach (var row in await benchmark.RunAsync(scenario, storage: null, cancel))
            {
                report.Row(row);
                all.Add(row);
            }
        }

        if (options.Azurite) all.AddRange(await MeasureAzuriteAsync(benchmark, report, options, cancel));
        report.Bars(all);
    }

    private static async Task<IReadOnlyList<Measurement>> MeasureAzuriteAsync(Benchmark benchmark, Report report, BenchmarkOptions options, CancellationToken cancel)
    {
        await using var azurite = await Azurite.StartAsync(new AzuriteOptions { InstallFolder = Path.Combine(Path.GetTempPath(), "serverlessimages-azurite"), Log = Console.Error }, cancel);
        var storage = new Dictionary<string, string?> { ["Storage:Kind"] = "Azure", ["Storage:ConnectionString"] = azurite.ConnectionString, ["Storage:CreateMissing"] = "true", ["Storage:Folder"] = null };
        var rows = await benchmark.RunAsync(Scenario.OverAzurite, storage, cancel);
        foreach (var row in rows) report.Row(row);

        using var upstream = new UpstreamStub(PngFile.Make(Scenario.OverAzurite.ImageBytes), Scenario.OverAzurite.Delay);
        var floor = new StorageFloor(azurite.ConnectionString, ProductProcess.BareCall(upstream));
        report.Floor(rows[0], await floor.RunAsync(PngFile.Make(Scenario.OverAzurite.ImageBytes), rows[0].InFlight, options.Time, cancel));
        return rows;
    }
}
