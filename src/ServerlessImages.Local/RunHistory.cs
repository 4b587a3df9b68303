using System.Text.Json;

namespace ServerlessImages.Local;

/// <summary>Earlier runs in this data folder: a line of JSON each.</summary>
internal sealed class RunHistory(string folder)
{
    private readonly string path = Path.Combine(folder, "runs.jsonl");

    public PastRun? Last() => File.Exists(path) && File.ReadLines(path).LastOrDefault() is { Length: > 0 } line ? JsonSerializer.Deserialize<PastRun>(line) : null;

    public void Add(JourneyResult journey, DateTimeOffset now) =>
        File.AppendAllText(path, JsonSerializer.Serialize(new PastRun((Last()?.Number ?? 0) + 1, now, journey.RequestId, journey.Charge.ToString())) + "\n");
}

/// <param name="Number">From 1 on.</param>
internal sealed record PastRun(int Number, DateTimeOffset At, string RequestId, string ChargeUsd);
