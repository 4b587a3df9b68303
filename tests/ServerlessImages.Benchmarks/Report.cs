using System.Globalization;

namespace ServerlessImages.Benchmarks;

/// <summary>The tables, in Markdown.</summary>
internal sealed class Report(TextWriter output)
{
    public void Machine()
    {
        var processor = OperatingSystem.IsLinux() ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(": ")[^1] : null;
        output.WriteLine(Line($"{Environment.ProcessorCount} processors{(processor is null ? "" : " of " + processor)}, {GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >> 30} GiB, .NET {Environment.Version}, {System.Runtime.InteropServices.RuntimeInformation.OSDescription}; {Busy()}"));
        output.WriteLine();
    }

    public void Head()
    {
        output.WriteLine("| scenario | image | upstream | in flight | requests/s | p50 / p95 / p99 ms | bare upstream ms | added ms | CPU-s per 1,000 | allocated KiB per request | peak MiB | MiB per image in flight |");
        output.WriteLine("|---|---|---|---|---|---|---|---|---|---|---|---|");
    }

    public void Row(Measurement row) => output.WriteLine(Line(
        $"| {row.Scenario.Name} | {row.Scenario.Image} | {row.Scenario.Delay.TotalMilliseconds:0} ms | {row.InFlight} | {row.Product.PerSecond:N0} | {row.Product.P50:0.0} / {row.Product.P95:0.0} / {row.Product.P99:0.0} | {row.Bare.P50:0.0} / {row.Bare.P95:0.0} / {row.Bare.P99:0.0} | {row.AddedP50:0.0} / {row.AddedP95:0.0} / {row.AddedP99:0.0} | {row.ProcessorSecondsPerThousand:0.00} | {row.AllocatedKiBPerRequest:N0} | {row.PeakMiB:N0} | {(row.InFlight == 32 ? Line($"{row.MiBPerImage:0.0}") : "")} |"));

    /// <summary>What the same calls take without the product.</summary>
    public void Floor(Measurement row, LoadResult floor)
    {
        output.WriteLine();
        output.WriteLine(Line($"Over Azurite, {row.InFlight} in flight: p50 {row.Product.P50:0.0} ms; the same storage calls without the product {floor.P50:0.0} ms ({floor.PerSecond:N0} a second); difference {row.Product.P50 - floor.P50:0.0} ms, bar ≤ 3 ms."));
    }

    public void Bars(IReadOnlyList<Measurement> rows)
    {
        output.WriteLine();
        output.WriteLine("| at 32 in flight | bar | measured | |");
        output.WriteLine("|---|---|---|---|");
        foreach (var row in rows.Where(each => each.InFlight == 32))
        {
            foreach (var bar in Bar.Of(row)) output.WriteLine(Line($"| {row.Scenario.Name}: {bar.Name} | {(bar.AtLeast ? "≥" : "≤")} {bar.Limit:N0} {bar.Unit} | {bar.Value:N1} | {(bar.IsMet ? "met" : "missed")} |"));
        }

        output.WriteLine();
        output.WriteLine(Line($"The books were right after every run; {Busy()} at the end."));
    }

    /// <summary>Who else is on the machine.</summary>
    public static string Busy() => OperatingSystem.IsLinux() ? "load average " + File.ReadAllText("/proc/loadavg").Split(' ')[0] : "load average unknown";

    private static string Line(FormattableString line) => line.ToString(CultureInfo.InvariantCulture);
}

/// <summary>What a measurement has to reach. Source: the design's quality bars.</summary>
internal sealed record Bar(string Name, double Limit, string Unit, double Value, bool AtLeast = false)
{
    public bool IsMet => AtLeast ? Value >= Limit : Value <= Limit;

    public static IReadOnlyList<Bar> Of(Measurement row) => row.Scenario.Name switch
    {
        "small" => [new("added p50", 3, "ms", row.AddedP50), new("added p99", 15, "ms", row.AddedP99)],
        "large" =>
        [
            new("requests/s", 200, "", row.Product.PerSecond, AtLeast: true),
            new("CPU-seconds per 1,000", 6, "s", row.ProcessorSecondsPerThousand),
            new("memory per image in flight", 6, "MiB", row.MiBPerImage),
        ],
        "durable" => [new("paid requests/s", 3_500, "", row.Product.PerSecond, AtLeast: true)],
        _ => [],
    };
}
