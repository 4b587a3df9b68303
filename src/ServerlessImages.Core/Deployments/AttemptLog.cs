using System.Globalization;

namespace ServerlessImages.Deployments;

/// <summary>All calls upstream that were made for one request, in the order in which they ended.</summary>
public sealed class AttemptLog
{
    private const int AttemptsMax = 20;
    private readonly Lock gate = new();
    private readonly List<AttemptRecord> attempts = [];

    public void Add(AttemptRecord attempt)
    {
        lock (gate)
        {
            if (attempts.Count < AttemptsMax) attempts.Add(attempt);
        }
    }

    /// <summary>As the ledger keeps them: <c>{deployment} {end} {milliseconds}</c>, with commas between.</summary>
    public override string ToString()
    {
        lock (gate) return string.Join(',', attempts);
    }

    public static IReadOnlyList<AttemptRecord> Parse(string text) => [.. text.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(AttemptRecord.Parse)];
}

public sealed record AttemptRecord(string Deployment, AttemptEnd End, TimeSpan Duration)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Deployment} {End} {(long)Duration.TotalMilliseconds}");

    public static AttemptRecord Parse(string text)
    {
        var parts = text.Split(' ');
        return new(parts[0], Enum.Parse<AttemptEnd>(parts[1]), TimeSpan.FromMilliseconds(long.Parse(parts[2], CultureInfo.InvariantCulture)));
    }
}
