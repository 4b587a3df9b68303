using System.Globalization;
using ServerlessImages.Accounts;

namespace ServerlessImages.Abuse;

/// <summary>
/// How an account stands with the content filter: a part of its balance row, so that a strike is written with the entry of its request, and the next hold sees it,
/// on whatever instance. Pure. Being under review is not here: it is a reason to stop (<see cref="Ledger.StopReasons.ContentReview"/>).
/// </summary>
public sealed record Conduct
{
    public static Conduct None { get; } = new();

    /// <summary>When calls were refused, oldest first, as far back as they matter.</summary>
    public IReadOnlyList<DateTimeOffset> Strikes { get; init; } = [];

    /// <summary>How many rows <c>V|</c> there are.</summary>
    public long Rows { get; init; }

    public DateTimeOffset CoolsUntil { get; init; }

    /// <summary>Since a step of the ladder was reached: not the probation of new accounts.</summary>
    public DateTimeOffset ProbationUntil { get; init; }

    /// <summary>During that probation.</summary>
    public int OpenRequestsMax { get; init; }

    public bool IsOnProbation(DateTimeOffset now) => now < ProbationUntil;

    /// <summary>How many requests may be open at once.</summary>
    public int OpenMax(Plan plan, DateTimeOffset now) => IsOnProbation(now) ? Math.Min(OpenRequestsMax, plan.OpenRequestsMax) : plan.OpenRequestsMax;

    /// <summary>How many refused calls still count.</summary>
    public int Recent(Ladder ladder, DateTimeOffset now) => Strikes.Count(at => at > now - ladder.Window);

    /// <summary>Counts a request's refused calls.</summary>
    /// <returns>And the step that was reached with them, or null.</returns>
    public (Conduct After, LadderStep? Step) Count(Refusals refusals, DateTimeOffset now)
    {
        var (strike, ladder) = refusals;
        var recent = Strikes.Where(at => at > now - ladder.Window).ToArray();

        // Beyond the last step more of them say nothing.
        var most = ladder.Steps.Count == 0 ? 0 : ladder.Steps[^1].Strikes;
        DateTimeOffset[] after = [.. recent.Concat(Enumerable.Repeat(now, Math.Min(strike.Calls, most))).TakeLast(most)];
        var step = ladder.Reached(recent.Length, recent.Length + strike.Calls);
        var isOnLadder = step is not null || IsOnProbation(now);
        return (this with
        {
            Strikes = after,
            Rows = Rows + 1,
            CoolsUntil = step is { Rung: Rung.CoolingDown } && now.AddMinutes(step.Minutes) is var until && until > CoolsUntil ? until : CoolsUntil,
            ProbationUntil = isOnLadder ? now + ladder.ProbationFor : ProbationUntil,
            OpenRequestsMax = isOnLadder ? ladder.OpenRequestsMax : OpenRequestsMax,
        }, step);
    }

    /// <summary>As an operator leaves it who has looked: the rows stay, and count for nothing.</summary>
    public Conduct Cleared() => None with { Rows = Rows };

    /// <summary>For one column: a new account has none of it.</summary>
    public string ToText() => this == None ? "" : string.Join(' ', Numbers().Select(each => each.ToString(CultureInfo.InvariantCulture)));

    public static Conduct Parse(string text)
    {
        if (text.Length == 0) return None;
        var numbers = text.Split(' ').Select(each => long.Parse(each, CultureInfo.InvariantCulture)).ToArray();
        return new()
        {
            Rows = numbers[0],
            CoolsUntil = Time(numbers[1]),
            ProbationUntil = Time(numbers[2]),
            OpenRequestsMax = checked((int)numbers[3]),
            Strikes = [.. numbers.Skip(4).Select(Time)],
        };
    }

    public bool Equals(Conduct? other) => other is not null && Numbers().SequenceEqual(other.Numbers());

    public override int GetHashCode() => HashCode.Combine(Rows, Strikes.Count);

    private IEnumerable<long> Numbers() => [Rows, Milliseconds(CoolsUntil), Milliseconds(ProbationUntil), OpenRequestsMax, .. Strikes.Select(Milliseconds)];

    private static long Milliseconds(DateTimeOffset at) => at == default ? 0 : at.ToUnixTimeMilliseconds();

    private static DateTimeOffset Time(long milliseconds) => milliseconds == 0 ? default : DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
}
