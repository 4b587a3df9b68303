using ServerlessImages.Pricing;

namespace ServerlessImages.Accounts;

/// <summary>What an account pays on top of the upstream's price, and how fast it may go. Data, from <c>plans.json</c>.</summary>
/// <param name="MarkupBasisPoints">Hundredths of a percent: 2,500 is 25 %.</param>
/// <param name="RequestsPerMinute">The sustained rate of paid requests.</param>
/// <param name="Burst">How many requests may start at once after a pause.</param>
/// <param name="OpenRequestsMax">Requests held and not yet closed.</param>
/// <param name="QueueWeight">The share of a contended deployment, relative to other accounts.</param>
public sealed record Plan(string Name, int MarkupBasisPoints, int RequestsPerMinute, int Burst, int OpenRequestsMax, int QueueWeight)
{
    public Markup Markup => new(MarkupBasisPoints);
}

/// <summary>All plans. Shipped as <c>plans.json</c>; an operator may put another file in its place.</summary>
public sealed class PlanCatalog
{
    private readonly Dictionary<string, Plan> byName;

    private PlanCatalog(IEnumerable<Plan> plans) => byName = plans.ToDictionary(plan => plan.Name, StringComparer.Ordinal);

    public static string ShippedJson => DataFile.Shipped("plans.json");

    /// <exception cref="System.Text.Json.JsonException">The text is not of the form of <c>plans.json</c>, or a number is out of range.</exception>
    public static PlanCatalog Parse(string json) => new(DataFile.Parse<FileJson>(json).Plans.Select(Checked));

    /// <summary>What nobody pays more than: the price that is shown to everybody.</summary>
    public Plan Dearest => byName.Values.MaxBy(plan => plan.MarkupBasisPoints) ?? throw new InvalidOperationException("There is no plan.");

    public IEnumerable<Plan> All => byName.Values;

    public bool Has(string name) => byName.ContainsKey(name);

    /// <exception cref="KeyNotFoundException">The operator removed a plan that an account still has.</exception>
    public Plan Get(string name) => byName.TryGetValue(name, out var plan) ? plan : throw new KeyNotFoundException($"There is no plan {name}.");

    private static Plan Checked(Plan plan) =>
        plan is { MarkupBasisPoints: >= 0 and <= 100_000, RequestsPerMinute: > 0 and <= 600_000, Burst: > 0 and <= 10_000, OpenRequestsMax: > 0 and <= 10_000, QueueWeight: > 0 }
            ? plan
            : throw new System.Text.Json.JsonException($"The plan {plan.Name} has a number out of range.");

    private sealed record FileJson(IReadOnlyList<Plan> Plans);
}
