using System.Diagnostics;
using System.Globalization;
using System.Reflection;

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

        report.Bars(all);
    }
}
