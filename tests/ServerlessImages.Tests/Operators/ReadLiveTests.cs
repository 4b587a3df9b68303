using ServerlessImages.Images;
using ServerlessImages.Jobs;
using ServerlessImages.Ledger;
using ServerlessImages.Operators;
using ServerlessImages.Storage;
using ServerlessImages.Tests.Webhooks;
using ServerlessImages.Webhooks;

namespace ServerlessImages.Tests.Operators;

/// <summary>What waits, and for how long, as the rows say it. In virtual time.</summary>
public sealed class ReadLiveTests
{
    private readonly WebhookFixture fixture = new();
    private readonly JobLedger jobs;

    public ReadLiveTests() => jobs = new JobLedger(fixture.Ledger, fixture.Store);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_job_waits_from_when_it_could_be_begun_until_it_is()
    {
        var began = fixture.Books.Clock.GetUtcNow();
        await AcceptAsync("req_1");
        fixture.Books.Clock.Advance(TimeSpan.FromMinutes(1));
        await AcceptAsync("req_2");
        fixture.Books.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(new WaitingWork("jobs", 2, began), await WaitingAsync("jobs"));

        await jobs.StartAsync(fixture.Partition, "req_1", Sample.Plan(), TimeSpan.FromMinutes(10));
        Assert.Equal(new WaitingWork("jobs", 1, began.AddMinutes(1)), await WaitingAsync("jobs"));
        await jobs.StartAsync(fixture.Partition, "req_2", Sample.Plan(), TimeSpan.FromMinutes(10));

        Assert.Equal(new WaitingWork("jobs", 0, null), await WaitingAsync("jobs"));
    }

    [Fact]
    public async Task An_endpoint_waits_from_the_event_on_until_it_was_told_and_after_a_failure_from_the_next_attempt_on()
    {
        await fixture.AddAsync();
        fixture.Answer = _ => Task.FromResult(new WebhookAnswer(500, ""));
        var at = fixture.Books.Clock.GetUtcNow();
        await fixture.TellAsync();
        fixture.Books.Clock.Advance(TimeSpan.FromMinutes(3));
        Assert.Equal(new WaitingWork("webhooks", 1, at), await WaitingAsync("webhooks"));

        await fixture.DeliverAsync();
        Assert.Equal(new WaitingWork("webhooks", 0, null), await WaitingAsync("webhooks"));
        var (partition, endpoint) = Assert.Single((await ReadAsync()).Failing);
        Assert.Equal((fixture.Partition, 1), (partition, endpoint.Failures));
        fixture.Books.Clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(1, (await WaitingAsync("webhooks")).Count);

        fixture.Answer = _ => Task.FromResult(new WebhookAnswer(200, ""));
        await fixture.AdvanceAsync(TimeSpan.FromMinutes(10));
        Assert.Equal(new WaitingWork("webhooks", 0, null), await WaitingAsync("webhooks"));
        Assert.Empty((await ReadAsync()).Failing);
    }

    [Fact]
    public async Task The_oldest_holds_of_all_accounts_come_first()
    {
        for (var number = 0; number < 60; number++)
        {
            var partition = new LedgerPartition($"acct_{number % 3}", Livemode: true);
            if (number < 3) await fixture.Ledger.GrantAsync(partition, "grant", new(1_000_000));
            await fixture.Ledger.HoldAsync(partition, Sample.Hold($"req_{number:D2}", 1));
            fixture.Books.Clock.Advance(TimeSpan.FromSeconds(1));
        }

        var view = await ReadAsync();

        Assert.Equal(Enumerable.Range(0, ReadLive.HoldsShown).Select(number => $"req_{number:D2}"), view.Oldest.Select(each => each.Hold.Id));
        Assert.Equal((60, 3, fixture.Books.Clock.GetUtcNow().AddSeconds(-60)), (view.Live.InFlight, view.Live.Accounts, view.Live.OldestHold));
    }

    private Task<LiveView> ReadAsync() => new ReadLive(fixture.Open, fixture.Ledger, jobs, fixture.Pending, new StoreLimits(fixture.Store), fixture.Books.Clock).RunAsync(Cancel);

    private async Task<WaitingWork> WaitingAsync(string name) => (await ReadAsync()).Waiting.Single(each => each.Name == name);

    private async Task AcceptAsync(string id)
    {
        await fixture.Books.GrantAsync(1_000);
        var orders = new JobOrders(fixture.Store, fixture.Books.Blobs, Sample.Models, fixture.Books.Clock, new SystemEntropy());
        var order = await orders.PutAsync(fixture.Partition, new ImageOrder(Sample.Request()), Cancel);
        (await fixture.Ledger.HoldAsync(fixture.Partition, Sample.Hold(id, 60, lifetime: TimeSpan.FromHours(24)) with { Job = new JobClaim(order, 2_500, Lease: null) })).Value();
    }
}
