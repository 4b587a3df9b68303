using Microsoft.Extensions.Time.Testing;
using ServerlessImages.Deployments;
using ServerlessImages.Images;
using ServerlessImages.Jobs;
using ServerlessImages.Ledger;
using ServerlessImages.Storage;
using ServerlessImages.Tests.Ledger;

namespace ServerlessImages.Tests.Jobs;

/// <summary>How a job is begun, given back and ended, and what the sweeper does for it. In virtual time.</summary>
public sealed class JobLedgerTests
{
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(10);
    private readonly LedgerFixture fixture = new();
    private readonly InProcessWorkQueue queue;
    private readonly JobOrders orders;
    private readonly JobLedger jobs;

    public JobLedgerTests()
    {
        queue = new InProcessWorkQueue(Clock);
        orders = new JobOrders(fixture.Store, fixture.Blobs, Sample.Models, Clock, new SystemEntropy());
        jobs = new JobLedger(fixture.Ledger, fixture.Store);
    }

    [Fact]
    public async Task Only_a_running_job_is_open_and_one_whose_worker_died_is_begun_again_three_times_at_most()
    {
        var hold = await AcceptAsync();
        Assert.Equal(0, (await fixture.BalanceAsync()).Open);

        for (var attempt = 1; attempt <= Job.AttemptsMax; attempt++)
        {
            Assert.Equal((JobStartState.Started, attempt), await StartAsync(hold));
            Assert.Equal(JobStartState.NotDue, (await StartAsync(hold)).State);
            Assert.Equal(1, (await fixture.BalanceAsync()).Open);
            Clock.Advance(Lease);
        }

        Assert.Equal(JobStartState.Exhausted, (await StartAsync(hold)).State);
    }

    [Fact]
    public async Task A_job_waits_while_its_account_has_no_place_or_is_stopped()
    {
        var (first, second) = (await AcceptAsync("req_1"), await AcceptAsync("req_2"));
        await StartAsync(first, open: 1);

        Assert.Equal(JobStartState.NoPlace, (await StartAsync(second, open: 1)).State);
        await fixture.Ledger.StopAsync(fixture.Partition, StopReasons.PaymentDisputed, isOn: true);
        Assert.Equal(JobStartState.Stopped, (await StartAsync(second, open: 9)).State);
    }

    [Fact]
    public async Task A_worker_that_comes_back_late_neither_ends_nor_gives_back_what_another_has()
    {
        var hold = await AcceptAsync();
        var first = (await jobs.StartAsync(fixture.Partition, hold.Hold.Id, Sample.Plan(), Lease)).Job!;
        Clock.Advance(Lease);
        await StartAsync(hold);

        var ended = await jobs.EndAsync(fixture.Partition, hold, job => job.Attempt == first.Attempt && job.State == JobState.Running, hold.Hold.Close(Money.Zero, "upstream_failed"));
        var released = await jobs.ReleaseAsync(fixture.Partition, first, Clock.GetUtcNow(), counts: true, Money.Zero, "");

        Assert.Null(ended);
        Assert.Null(released);
        Assert.Equal(2, (await jobs.FindAsync(fixture.Partition, hold.Hold.Id, Cancel))!.Attempt);
    }

    [Fact]
    public async Task A_job_that_is_throttled_all_day_keeps_its_newest_calls_and_still_ends()
    {
        var hold = await AcceptAsync();
        for (var times = 1; times <= 200; times++)
        {
            var job = (await jobs.StartAsync(fixture.Partition, hold.Hold.Id, Sample.Plan(), Lease)).Job!;
            await jobs.ReleaseAsync(fixture.Partition, job, Clock.GetUtcNow(), counts: false, Money.Zero, string.Join(',', Enumerable.Repeat($"westeurope-gpt-image-2 Throttled {times}", 20)));
        }

        var entry = await jobs.EndAsync(fixture.Partition, hold, _ => true, hold.Hold.Close(Money.Zero, "no_deployment_available") with { Attempts = "westeurope-gpt-image-2 Throttled 201" });

        Assert.Equal([.. Enumerable.Repeat(200, 19), 201], AttemptLog.Parse(entry!.Request!.Attempts).Select(each => (int)each.Duration.TotalMilliseconds));
    }

    [Fact]
    public async Task Two_workers_that_both_have_images_charge_once_and_the_entry_has_what_earlier_attempts_cost()
    {
        var hold = await AcceptAsync(quote: 60);
        var job = (await jobs.StartAsync(fixture.Partition, hold.Hold.Id, Sample.Plan(), Lease)).Job!;
        await jobs.ReleaseAsync(fixture.Partition, job, Clock.GetUtcNow(), counts: true, new Money(7), "west Lost 100");
        await StartAsync(hold);

        var entries = await Task.WhenAll(fixture.SettleAsync(hold, 50), fixture.SettleAsync(hold, 50));

        var entry = entries[0].Value();
        Assert.Equal(entry.Sequence, entries[1].Value().Sequence);
        Assert.Equal((new Money(50), new Money(57), "west Lost 100"), (entry.Amount, entry.Request!.UpstreamCost, entry.Request.Attempts));
        Assert.Equal((new Money(950), 0), ((await fixture.BalanceAsync()).Available, (await fixture.BalanceAsync()).Open));
    }

    [Fact]
    public async Task A_lost_message_is_sent_again_and_a_job_that_runs_is_left_alone()
    {
        var (waiting, running) = (await AcceptAsync("req_1"), await AcceptAsync("req_2"));
        await StartAsync(running);
        Clock.Advance(TimeSpan.FromMinutes(2));

        var swept = await new SweepJobs(jobs, orders, queue, Clock).RunAsync(fixture.Partition, Cancel);

        Assert.Equal(new SweptJobs(2, TimeSpan.FromMinutes(2)), swept);
        var message = await queue.ReadAsync(QueueNames.Jobs, Lease, Cancel).FirstAsync(Cancel);
        Assert.Equal(new JobMessage(fixture.Partition, waiting.Hold.Id), JobMessage.Parse(message.Text));
    }

    [Fact]
    public async Task An_order_that_never_got_a_job_is_swept_with_its_blobs_and_then_no_hold_can_take_it()
    {
        var order = await orders.PutAsync(fixture.Partition, new ImageOrder(Sample.Request()), Cancel);
        Clock.Advance(TimeSpan.FromHours(2));

        Assert.Equal(0, await orders.SweepAsync(fixture.Partition, Cancel));

        Assert.Null(await orders.FindAsync(fixture.Partition, order, Cancel));
        Assert.Empty(await fixture.RowsAsync("O"));
        await fixture.GrantAsync(1_000);
        Assert.Equal("ledger_unavailable", (await fixture.Ledger.HoldAsync(fixture.Partition, Claim("req_1", 60, order))).Error().Code);
        Assert.Empty(await fixture.RowsAsync("J"));
    }

    [Fact]
    public async Task An_order_comes_back_as_it_was_sent()
    {
        var order = new ImageOrder(Sample.Request(prompt: new string('é', 32_000), count: 3, quality: ImageQuality.High)) { EndUser = "anna", Retention = Retention.Kept };

        var found = await orders.FindAsync(fixture.Partition, await orders.PutAsync(fixture.Partition, order, Cancel), Cancel);

        Assert.Equal(RequestFingerprint.Of(order.Request), RequestFingerprint.Of(found!.Request));
        Assert.Equal((order.EndUser, order.Retention), (found.EndUser, found.Retention));
    }

    private FakeTimeProvider Clock => fixture.Clock;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static HoldRequest Claim(string id, long quote, StoredOrder order) => Sample.Hold(id, quote, lifetime: TimeSpan.FromHours(24)) with { Job = new JobClaim(order, 2_500, Lease: null) };

    private async Task<OpenHold> AcceptAsync(string id = "req_1", long quote = 60)
    {
        await fixture.GrantAsync(1_000);
        var order = await orders.PutAsync(fixture.Partition, new ImageOrder(Sample.Request()), Cancel);
        return (await fixture.Ledger.HoldAsync(fixture.Partition, Claim(id, quote, order))).Value().Hold!;
    }

    private async Task<(JobStartState State, int Attempt)> StartAsync(OpenHold hold, int open = 1_000)
    {
        var start = await jobs.StartAsync(fixture.Partition, hold.Hold.Id, Sample.Plan(open: open), Lease);
        return (start.State, start.Job!.Attempt);
    }
}
