using System.Text.Json;

namespace ServerlessImages.Abuse;

/// <summary>Where an account stands on the ladder.</summary>
public enum Rung
{
    Good,

    /// <summary>On probation, and told so.</summary>
    Warned,

    /// <summary>Nothing is drawn for it until a time.</summary>
    CoolingDown,

    /// <summary>Nothing is drawn for it until an operator has looked.</summary>
    UnderReview,
}

/// <summary>What happens when an account's refused calls reach a number.</summary>
/// <param name="Minutes">How long to cool down; 0 on other rungs.</param>
public sealed record LadderStep(int Strikes, Rung Rung, int Minutes = 0);

/// <summary>What accounts on probation have less of.</summary>
/// <param name="NewAccountHours">So long after it was opened an account is on probation.</param>
/// <param name="AfterStepHours">So long after its last strike an account that a step of the ladder has reached is.</param>
/// <param name="OpenRequestsMax">How many requests that one may have open at once.</param>
public sealed record Probation(int NewAccountHours, int AfterStepHours, int OpenRequestsMax);

/// <summary>What refused calls lead to. Data, from <c>ladder.json</c>.</summary>
public sealed record Ladder
{
    private const int StrikesMax = 1_000;

    private Ladder(FileJson file, int factor)
    {
        (File, Factor) = (file, factor);
        Steps = [.. file.Steps.Select(step => step with { Strikes = step.Strikes * factor })];
    }

    public static string ShippedJson => DataFile.Shipped("ladder.json");

    public TimeSpan Window => TimeSpan.FromHours(File.WindowHours);

    /// <summary>From the lowest up.</summary>
    public IReadOnlyList<LadderStep> Steps { get; }

    public TimeSpan NewAccountFor => TimeSpan.FromHours(File.Probation.NewAccountHours);

    public TimeSpan ProbationFor => TimeSpan.FromHours(File.Probation.AfterStepHours);

    public int OpenRequestsMax => File.Probation.OpenRequestsMax;

    private FileJson File { get; }

    private int Factor { get; }

    /// <exception cref="JsonException">The text is not of the form of <c>ladder.json</c>, or a number is out of range.</exception>
    public static Ladder Parse(string json) => new(Checked(DataFile.Parse<FileJson>(json)), factor: 1);

    /// <summary>The same for accounts of a plan.</summary>
    public Ladder For(string plan) => File.PlanFactors.GetValueOrDefault(plan, 1) is var factor && factor == Factor ? this : new(File, factor);

    /// <returns>The highest step that is reached on the way from one count to another, or null.</returns>
    public LadderStep? Reached(int from, int to) => Steps.LastOrDefault(step => step.Strikes > from && step.Strikes <= to);

    private static FileJson Checked(FileJson file)
    {
        var isOrdered = file.Steps.Zip(file.Steps.Skip(1)).All(pair => pair.First.Strikes < pair.Second.Strikes);
        var isSound = file is { WindowHours: > 0 and <= 720, Probation: { NewAccountHours: >= 0 and <= 8_760, AfterStepHours: >= 0 and <= 8_760, OpenRequestsMax: > 0 and <= 10_000 } };
        var areSteps = file.Steps.All(step => step.Strikes > 0 && step.Rung != Rung.Good && (step.Rung == Rung.CoolingDown ? step.Minutes is > 0 and <= 10_080 : step.Minutes == 0));

        // So many times are kept in the balance row.
        var isBounded = file.PlanFactors.Values.Append(1).All(factor => factor > 0 && factor * (file.Steps.Count == 0 ? 0L : file.Steps[^1].Strikes) <= StrikesMax);
        return isOrdered && isSound && areSteps && isBounded ? file : throw new JsonException("The ladder has a number out of range, or its steps are not in order.");
    }

    private sealed record FileJson(int WindowHours, IReadOnlyList<LadderStep> Steps, IReadOnlyDictionary<string, int> PlanFactors, Probation Probation);
}
