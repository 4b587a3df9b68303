using System.Globalization;
using ServerlessImages.Jobs;
using ServerlessImages.Ledger;
using ServerlessImages.Storage;

namespace ServerlessImages.Traffic;

/// <summary>How requests ended, added up.</summary>
/// <param name="Delivered">Charged: with all images, or some.</param>
/// <param name="Failed">Not charged, and it was the upstream's fault or ours.</param>
/// <param name="Refused">Not charged, by the caller's own doing: refused by the content filter, or cancelled. Counts neither way.</param>
public sealed record TrafficSums(long Delivered, long Failed, long Refused)
{
    /// <summary>Seconds from the hold to the end. What took longer is in one more bucket, without an end.</summary>
    private static readonly int[] Bounds = [1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40, 50, 60, 80, 100, 120, 180, 240, 300, 420, 600];

    /// <summary>The caller's doing. Whatever is not here is ours.</summary>
    private static readonly string[] CallersDoing = [ApiError.ModerationCode, ApiError.CoolDownCode, ApiError.UnderReviewCode, CancelJob.Code];

    public static TrafficSums None { get; } = new(0, 0, 0);

    /// <summary>How many were delivered within each bound, and beyond the last: one more than there are bounds.</summary>
    public IReadOnlyList<long> Times { get; init; } = new long[Bounds.Length + 1];

    /// <summary>Of what should have been delivered; null where there was nothing.</summary>
    public decimal? SuccessRate => Delivered + Failed == 0 ? null : (decimal)Delivered / (Delivered + Failed);

    public static TrafficSums Of(LedgerEntry ended)
    {
        if (!ended.IsCharge) return CallersDoing.Contains(ended.Request!.ErrorCode) ? None with { Refused = 1 } : None with { Failed = 1 };
        var seconds = (ended.At - ended.Request!.HeldAt).TotalSeconds;
        var bucket = Array.FindIndex(Bounds, bound => seconds <= bound);
        var times = new long[Bounds.Length + 1];
        times[bucket < 0 ? Bounds.Length : bucket] = 1;
        return None with { Delivered = 1, Times = times };
    }

    public static TrafficSums operator +(TrafficSums left, TrafficSums right) => new(left.Delivered + right.Delivered, left.Failed + right.Failed, left.Refused + right.Refused)
    {
        Times = [.. left.Times.Zip(right.Times, (one, other) => one + other)],
    };

    /// <summary>Within which time so many of the delivered ones came: the bound of the bucket, so at most that. Null for nothing, and beyond the last bound.</summary>
    /// <param name="share">0 to 1.</param>
    public TimeSpan? Within(decimal share)
    {
        if (Delivered == 0) return null;
        var (goal, sum) = (share * Delivered, 0L);
        for (var bucket = 0; bucket < Bounds.Length; bucket++)
        {
            sum += Times[bucket];
            if (sum >= goal) return TimeSpan.FromSeconds(Bounds[bucket]);
        }

        return null;
    }

    public void AddTo(Columns columns)
    {
        columns.Add(nameof(Delivered), Delivered);
        columns.Add(nameof(Failed), Failed);
        columns.Add(nameof(Refused), Refused);
        columns.Add(nameof(Times), string.Join(' ', Times));
    }

    public static TrafficSums From(Columns columns) => new(columns.Integer(nameof(Delivered)), columns.Integer(nameof(Failed)), columns.Integer(nameof(Refused)))
    {
        Times = [.. columns.Text(nameof(Times)).Split(' ').Select(count => long.Parse(count, CultureInfo.InvariantCulture))],
    };
}
