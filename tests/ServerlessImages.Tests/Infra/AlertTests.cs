using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Xml;
using ServerlessImages.Tests.Docs;

namespace ServerlessImages.Tests.Infra;

public sealed partial class AlertTests
{
    [Fact]
    public async Task They_are_those_of_the_docs_on_the_same_metrics_with_the_same_thresholds()
    {
        var inTemplate = (await AlertsAsync()).Select(alert => string.Join(" | ", alert.Text("displayName"), Metric().Match(Criterion(alert).Text("query")).Value, Fires(alert), Urgency(alert)));
        var inDocs = DocFile.TableBelow("docs/operating.md", "## Alerts").Skip(1).Select(cells => string.Join(" | ", DocFile.Bare(cells[0]), DocFile.Bare(cells[1]), cells[2].Split(" (")[0], cells[3]));

        Assert.Equal(inDocs, inTemplate);
    }

    [Fact]
    public async Task Each_counts_one_number_that_its_query_makes_and_tells_somebody()
    {
        Assert.All(await AlertsAsync(), alert =>
        {
            Assert.Equal("value", Criterion(alert).Text("metricMeasureColumn"));
            Assert.Contains("value = ", Criterion(alert).Text("query"), StringComparison.Ordinal);
            Assert.Single(alert["actions"]!["actionGroups"]!.AsArray());
            Assert.EndsWith(".", alert.Text("description"), StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task What_comes_late_falls_into_the_next_window()
    {
        Assert.All(await AlertsAsync(), alert => Assert.True(XmlConvert.ToTimeSpan(alert.Text("windowSize")) >= 2 * XmlConvert.ToTimeSpan(alert.Text("evaluationFrequency")), alert.Text("displayName")));
    }

    [Theory, InlineData("main.bicepparam", 1), InlineData("environments/dev.bicepparam", 0)]
    public async Task Readiness_is_asked_for_at_its_own_address(string parameterFile, int tests)
    {
        var deployment = await Deployment.OfAsync(parameterFile);
        var asked = deployment.OfType("Microsoft.Insights/webtests").Select(each => each["properties"]!["Request"].Text("RequestUrl"));

        Assert.Equal(Enumerable.Repeat(deployment.Outputs["PUBLIC_URL"] + "/health/ready", tests), asked);
    }

    [Fact]
    public async Task The_operator_is_told_before_the_budget_is_used_up()
    {
        var budget = (await Deployment.OfAsync("main.bicepparam")).OfType("Microsoft.Consumption/budgets").Single()["properties"]!;

        Assert.Equal(("100", "2026-12-01T00:00:00Z"), (budget.Text("amount"), budget["timePeriod"].Text("startDate")));
        Assert.Equal([("Actual", "80"), ("Forecasted", "100")], budget["notifications"]!.AsObject().Select(each => (each.Value.Text("thresholdType"), each.Value.Text("threshold"))));
    }

    private static async Task<IReadOnlyList<JsonNode>> AlertsAsync() => [.. (await Deployment.OfAsync("main.bicepparam")).OfType("Microsoft.Insights/scheduledQueryRules").Select(each => each["properties"]!)];

    private static JsonNode Criterion(JsonNode alert) => alert["criteria"]!["allOf"]!.AsArray().Single()!;

    private static string Fires(JsonNode alert)
    {
        Assert.Equal("GreaterThan", Criterion(alert).Text("operator"));
        return $"more than {Criterion(alert).Text("threshold")} in {XmlConvert.ToTimeSpan(alert.Text("windowSize")).TotalMinutes} minutes";
    }

    private static string Urgency(JsonNode alert) => alert["severity"]!.GetValue<int>() <= 1 ? "at once" : "today";

    [GeneratedRegex(@"serverlessimages\.[a-z._]+", RegexOptions.None, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Metric();
}
