using System.Diagnostics.Metrics;
using System.Reflection;

namespace ServerlessImages.Tests.Docs;

/// <summary><c>docs/operating.md</c> and <see cref="Telemetry"/> say the same. That the attributes are those that are measured is checked where they are.</summary>
public sealed class OperatingDocTests
{
    private const string Page = "docs/operating.md";

    [Fact]
    public void Every_metric_is_documented_with_its_unit_and_no_other_is()
    {
        var inCode = Instruments().Select(instrument => $"{instrument.Name} {instrument.Unit}");
        var inDocs = Metrics().Select(cells => $"{DocFile.Bare(cells[0])} {DocFile.Bare(cells[1])}");

        Assert.Equal(inCode.Order(StringComparer.Ordinal), inDocs.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_instrument_says_what_it_measures()
    {
        Assert.All(Instruments(), instrument => Assert.Equal((Telemetry.Name, false), (instrument.Meter.Name, string.IsNullOrWhiteSpace(instrument.Description))));
    }

    [Fact]
    public void The_alerts_are_these_each_on_a_metric_that_there_is_and_with_something_to_do()
    {
        var alerts = DocFile.TableBelow(Page, "## Alerts").Skip(1).ToArray();
        var metrics = Instruments().Select(instrument => instrument.Name).ToArray();
        var text = DocFile.Read(Page);

        Assert.Equal(["account-under-review", "billing-events-waiting", "books-differing", "books-uncompared", "error-rate", "holds-expiring", "images-wasted", "meter-events-waiting", "not-ready", "payments-quarantined", "upstream-blocked"], alerts.Select(cells => DocFile.Bare(cells[0])).Order(StringComparer.Ordinal));
        Assert.All(alerts, cells => Assert.Contains(DocFile.Bare(cells[1]), metrics));
        Assert.All(alerts, cells => Assert.Contains($"\n### {DocFile.Bare(cells[0])}\n", text, StringComparison.Ordinal));
    }

    /// <summary>The cells of each row: name, unit, attributes, meaning.</summary>
    internal static IEnumerable<string[]> Metrics() => DocFile.TableBelow(Page, "## Metrics").Skip(1);

    internal static string[] Attributes(string[] cells) => cells[2] == "–" ? [] : [.. cells[2].Split(", ").Select(DocFile.Bare)];

    private static IEnumerable<Instrument> Instruments() =>
        typeof(Telemetry).GetProperties(BindingFlags.Public | BindingFlags.Static).Select(property => property.GetValue(null)).OfType<Instrument>();
}
