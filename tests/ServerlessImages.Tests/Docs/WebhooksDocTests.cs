using ServerlessImages.Events;
using ServerlessImages.Webhooks;

namespace ServerlessImages.Tests.Docs;

/// <summary>What customers build upon is what the code does.</summary>
public sealed class WebhooksDocTests
{
    private const string Page = "docs/webhooks.md";

    [Fact]
    public void Every_type_of_event_is_documented_and_no_other_is()
    {
        var inDocs = DocFile.TableBelow(Page, "## What is told").Skip(1).SelectMany(cells => cells[0].Split(", ")).Select(DocFile.Bare);

        Assert.Equal(EventTypes.All.Order(StringComparer.Ordinal), inDocs.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_numbers_are_those_of_the_code()
    {
        var text = DocFile.Read(Page);

        Assert.Equal(10, DeliverySchedule.AttemptsMax);
        Assert.Contains("Ten attempts", text, StringComparison.Ordinal);
        Assert.Contains($"at most {WebhookDirectory.EndpointsMax} endpoints", text, StringComparison.Ordinal);
        Assert.Contains($"the last {PlanDeliveries.RecordsMax:N0}, for {PlanDeliveries.KeptFor.TotalDays} days", text, StringComparison.Ordinal);
        Assert.Contains($"within {new WebhookOptions().Timeout.TotalSeconds} seconds", text, StringComparison.Ordinal);
    }
}
