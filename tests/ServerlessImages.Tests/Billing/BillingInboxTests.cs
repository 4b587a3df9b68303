using ServerlessImages.Billing;
using ServerlessImages.Storage;

namespace ServerlessImages.Tests.Billing;

/// <summary>What was announced, as an operator looks through it.</summary>
public sealed class BillingInboxTests
{
    [Fact]
    public async Task What_was_announced_is_listed_once_and_the_newest_first_page_by_page()
    {
        var (clock, cancel) = (Sample.Clock(), TestContext.Current.CancellationToken);
        var inbox = new BillingInbox(new StoreLimits(new InMemoryTableStore()), clock);
        foreach (var id in (string[])["evt_b", "evt_c", "evt_a", "evt_c"])
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            await inbox.AddAsync(new CollectorEvent(id, "checkout.session.completed", CollectorEventKind.CheckoutPaid, "cs_1", clock.GetUtcNow(), ""), cancel);
        }

        var first = await inbox.ReceivedAsync("", 2, cancel);
        var second = await inbox.ReceivedAsync(first[^1].Cursor, 2, cancel);

        Assert.Equal(["evt_a", "evt_c", "evt_b"], first.Concat(second).Select(each => each.Event.Id));
        Assert.Equal([("evt_a", Sample.Now.AddSeconds(3)), ("evt_c", Sample.Now.AddSeconds(2))], first.Select(each => (each.Event.Id, each.ReceivedAt)));
        Assert.Equal(3, (await inbox.WaitingAsync("", 10, cancel)).Count);
    }
}
