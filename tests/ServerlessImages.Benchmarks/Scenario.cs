namespace ServerlessImages.Benchmarks;

/// <summary>What is asked of the product.</summary>
/// <param name="Name">On the command line and in the table.</param>
/// <param name="Delay">How long the upstream takes.</param>
/// <param name="InFlight">How many callers at once; one measurement each, the last one's peak being the process's.</param>
internal sealed record Scenario(string Name, int ImageBytes, TimeSpan Delay, IReadOnlyList<int> InFlight)
{
    public static IReadOnlyList<Scenario> All { get; } =
    [
        new("small", 1_000, TimeSpan.FromMilliseconds(60), [1, 8, 32]),
        new("large", 2_000_000, TimeSpan.FromMilliseconds(60), [1, 8, 32]),
        new("durable", 1_000, TimeSpan.Zero, [32]),
    ];

    public string Image => ImageBytes >= 1_000_000 ? $"{ImageBytes / 1_000_000} MB" : $"{ImageBytes / 1_000} KB";
}

/// <summary>One line of the table.</summary>
/// <param name="Bare">The upstream called without the product.</param>
/// <param name="ProcessorTime">The product's, while it was measured.</param>
/// <param name="AllocatedBytes">The product's, while it was measured.</param>
/// <param name="IdleBytes">The product's memory after one request.</param>
/// <param name="PeakBytes">The product's largest memory so far.</param>
internal sealed record Measurement(Scenario Scenario, int InFlight, LoadResult Bare, LoadResult Product, TimeSpan ProcessorTime, long AllocatedBytes, long IdleBytes, long PeakBytes)
{
    private const double BytesPerMiB = 1024 * 1024;

    public double AddedP50 => Product.P50 - Bare.P50;
    public double AddedP95 => Product.P95 - Bare.P95;
    public double AddedP99 => Product.P99 - Bare.P99;
    public double ProcessorSecondsPerThousand => ProcessorTime.TotalSeconds * 1_000 / Product.Requests;
    public double AllocatedKiBPerRequest => AllocatedBytes / 1024.0 / Product.Requests;
    public double PeakMiB => PeakBytes / BytesPerMiB;
    public double MiBPerImage => (PeakBytes - IdleBytes) / BytesPerMiB / InFlight;
}
