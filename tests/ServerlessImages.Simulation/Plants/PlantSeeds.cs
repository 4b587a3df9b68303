using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;

namespace ServerlessImages.Simulation.Plants;

/// <summary>
/// Which seed finds each planted bug: the tables of <c>docs/money.md</c>. It is where to begin to look, since the rarest take thousands of histories; a change of Core or of the
/// simulation moves the seeds, and then the search goes on from there. <c>--plants</c> finds them anew.
/// </summary>
internal static partial class PlantSeeds
{
    private static readonly string Document = typeof(PlantSeeds).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(each => each.Key == "MoneyDocument").Value!;

    private static readonly IReadOnlyDictionary<string, int> Written = Rows().Matches(File.ReadAllText(Document))
        .ToDictionary(row => row.Groups["name"].Value, row => int.Parse(row.Groups["seed"].Value, NumberStyles.AllowThousands, CultureInfo.InvariantCulture), StringComparer.Ordinal);

    /// <summary>A bug that is rarer than this is for a unit test.</summary>
    public const int Max = 10_000;

    public static IEnumerable<string> Names => Written.Keys;

    /// <returns>1 for one that is not written down.</returns>
    public static int Of(string name) => Written.GetValueOrDefault(name, 1);

    /// <summary>Finds the first seed for each, and writes them as the rows of the tables.</summary>
    /// <returns>The exit code: 1 if one is not found.</returns>
    public static int Find(TextWriter output)
    {
        var found = Plant.All.AsParallel().AsOrdered().Select(plant => (Plant: plant, PlantedCore.Load(plant).FirstViolation(1, Max)?.Seed)).ToArray();
        foreach (var kind in found.GroupBy(each => (each.Plant.IsOfPayments, each.Plant.IsOfDeliveries)))
        {
            foreach (var row in kind.Chunk(3)) output.WriteLine("| " + string.Join(' ', row.Select(each => string.Create(CultureInfo.InvariantCulture, $"`{each.Plant.Name}` | {each.Seed:N0} |"))));
            output.WriteLine();
        }

        return found.All(each => each.Seed is not null) ? 0 : 1;
    }

    [GeneratedRegex(@"`(?<name>[a-z-]+)` \| (?<seed>[\d,]+) \|", RegexOptions.NonBacktracking)]
    private static partial Regex Rows();
}
