using System.Globalization;
using ServerlessImages.Abuse;

namespace ServerlessImages.Deployments;

/// <summary>All calls upstream that were made for one request, in the order in which they ended.</summary>
public sealed class AttemptLog
{
    private const int AttemptsMax = 20;
    private readonly Lock gate = new();
    private readonly List<AttemptRecord> attempts = [];
    private Strike? strike;

    /// <summary>The calls of them that the content filter refused; null for none.</summary>
    public Strike? Strike
    {
        get
        {
            lock (gate) return strike;
        }
    }

    /// <param name="refusal">Why the content filter refused it, if it did.</param>
    public void Add(AttemptRecord attempt, ModerationDetails? refusal = null)
    {
        lock (gate)
        {
            if (refusal is not null) strike = new((strike?.Calls ?? 0) + 1, refusal);
            if (attempts.Count < AttemptsMax) attempts.Add(attempt);
        }
    }

    /// <summary>As the ledger keeps them: <c>{deployment} {end} {milliseconds}</c>, with commas between.</summary>
    public override string ToString()
    {
        lock (gate) return string.Join(',', attempts);
    }

    /// <summary>The log of several runs of one job: a job that waits for a deployment all day is tried a thousand times, and its row has to fit into the store. The newest stay.</summary>
    internal static string Joined(string earlier, string later) =>
        string.Join(',', ((string[])[.. earlier.Split(',', StringSplitOptions.RemoveEmptyEntries), .. later.Split(',', StringSplitOptions.RemoveEmptyEntries)]).TakeLast(AttemptsMax));

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
