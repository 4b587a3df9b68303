using Microsoft.Extensions.Time.Testing;
using ServerlessImages.Jobs;
using ServerlessImages.Ledger;
using ServerlessImages.Storage;
using ServerlessImages.Tests.Ledger;
using ServerlessImages.Traffic;

namespace ServerlessImages.Tests.Traffic;

public sealed class TrafficLogTests
{
    private readonly FaultyTableStore store = new(new InMemoryTableStore()) { Table = TableNames.Deployments };
    private readonly FakeTimeProvider clock = Sample.Clock();
    private readonly TrafficLog traffic;
    private readonly AccountLedger ledger;

    public TrafficLogTests()
    {
        traffic = new(store, clock);
        ledger = Ledger(traffic);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Requests_are_counted_by_how_they_ended_and_refusals_count_neither_way()
    {
        await DeliverAsync("req_1", seconds: 7);
        await FailAsync("req_2", "upstream_failed");
        await FailAsync("req_3", ApiError.ModerationBlocked(new("input", [])).Code);
        await FailAsync("req_4", CancelJob.Code);
        await ExpireAsync("req_5");

        var sums = await SumsAsync();

        Assert.Equal((1, 2, 2), (sums.Delivered, sums.Failed, sums.Refused));
        Assert.Equal(1m / 3, sums.SuccessRate);
    }

    [Fact]
    public async Task Ending_the_same_request_again_adds_nothing_nor_does_a_lost_answer()
    {
        store.Table = TableNames.Ledger;
        var patient = Ledger(traffic, new JumpingClock());
        var hold = await HoldAsync(patient, Sample.Partition, "req_1");
        store.NextCommits.Enqueue(Fault.AnswerLost);

        await patient.SettleAsync(Sample.Partition, hold, new(10), hold.Hold.Close(new(10)));
        await patient.SettleAsync(Sample.Partition, hold, new(10), hold.Hold.Close(new(10)));
        await patient.VoidAsync(Sample.Partition, hold, hold.Hold.Close(Money.Zero, "upstream_failed"));

        Assert.Equal((1, 0), ((await SumsAsync()).Delivered, (await SumsAsync()).Failed));
    }

    [Fact]
    public async Task Play_money_is_not_counted()
    {
        var test = Sample.Partition with { Livemode = false };
        var hold = await HoldAsync(ledger, test, "req_1");
        await ledger.SettleAsync(test, hold, new(10), hold.Hold.Close(new(10)));

        Assert.Empty(await traffic.ReadAsync(Cancel));
    }

    [Fact]
    public async Task Instances_add_to_the_same_rows()
    {
        var other = new TrafficLog(store, clock);
        await DeliverAsync("req_1", seconds: 1);
        await traffic.WriteAsync(Cancel);
        var hold = await HoldAsync(Ledger(other), Sample.Partition, "req_2");
        await Ledger(other).VoidAsync(Sample.Partition, hold, hold.Hold.Close(Money.Zero, "server_error"));
        await other.WriteAsync(Cancel);

        var read = await new TrafficLog(store, clock).ReadAsync(Cancel);

        Assert.Equal((1, 1), (Assert.Single(read).Sums.Delivered, read[0].Sums.Failed));
    }

    [Fact]
    public async Task What_could_not_be_written_is_written_later_and_what_may_be_written_is_not_written_twice()
    {
        await DeliverAsync("req_1", seconds: 1);
        store.IsDown = true;
        await traffic.WriteAsync(Cancel);
        store.IsDown = false;
        await traffic.WriteAsync(Cancel);
        await DeliverAsync("req_2", seconds: 1);
        store.NextCommits.Enqueue(Fault.AnswerLost);
        await traffic.WriteAsync(Cancel);
        await traffic.WriteAsync(Cancel);

        Assert.Equal(2, Assert.Single(await new TrafficLog(store, clock).ReadAsync(Cancel)).Sums.Delivered);
    }

    [Fact]
    public async Task What_was_just_written_is_not_missing_until_rows_are_read_again()
    {
        await DeliverAsync("req_1", seconds: 1);
        Assert.Equal(1, (await SumsAsync()).Delivered);

        await traffic.WriteAsync(Cancel);

        Assert.Equal(1, (await SumsAsync()).Delivered);
    }

    [Fact]
    public async Task An_hour_is_written_over_a_week_later_so_that_rows_never_become_more()
    {
        await DeliverAsync("req_1", seconds: 1);
        await traffic.WriteAsync(Cancel);
        clock.Advance(TimeSpan.FromDays(7));
        Assert.Empty(await traffic.ReadAsync(Cancel));

        await FailAsync("req_2", "server_error");
        await traffic.WriteAsync(Cancel);

        var row = Assert.Single(await store.RangeAsync(TableNames.Deployments, "traffic", "", "~", 10, Cancel));
        Assert.Equal((0, 1), (TrafficSums.From(row.Columns).Delivered, TrafficSums.From(row.Columns).Failed));
    }

    [Fact]
    public async Task Times_are_told_as_bounds_that_hold()
    {
        for (var request = 0; request < 18; request++) await DeliverAsync($"req_{request}", seconds: 9);
        await DeliverAsync("req_18", seconds: 35);
        await DeliverAsync("req_19", seconds: 1_000);

        var sums = await SumsAsync();

        Assert.Equal(TimeSpan.FromSeconds(10), sums.Within(0.5m));
        Assert.Equal(TimeSpan.FromSeconds(40), sums.Within(0.95m));
        Assert.Null(sums.Within(1));
    }

    [Fact]
    public async Task Too_few_requests_tell_nothing()
    {
        var read = new ReadTraffic(traffic, clock);
        for (var request = 1; request < ReadTraffic.RequestsMin; request++) await DeliverAsync($"req_{request}", seconds: 1);
        Assert.Null((await read.RunAsync(Cancel))["gpt-image-2"].Day);

        await FailAsync("req_0", "server_error");
        Assert.Equal(0.95m, (await read.RunAsync(Cancel))["gpt-image-2"].Day!.SuccessRate);
        clock.Advance(TimeSpan.FromDays(1));

        var later = (await read.RunAsync(Cancel))["gpt-image-2"];
        Assert.Null(later.Day);
        Assert.Equal(0.95m, later.Week!.SuccessRate);
    }

    /// <param name="time">Or the test's own clock, on which no wait ends by itself.</param>
    private AccountLedger Ledger(ITraffic listener, TimeProvider? time = null) => new(new StoreLimits(store), new OpenPartitions(store, time ?? clock), time ?? clock, new SystemEntropy(), traffic: listener);

    private static async Task<OpenHold> HoldAsync(AccountLedger by, LedgerPartition partition, string id)
    {
        await by.GrantAsync(partition, "grant_" + id, new(1_000));
        return (await by.HoldAsync(partition, Sample.Hold(id, 100))).Value().Hold!;
    }

    private async Task DeliverAsync(string id, int seconds)
    {
        var hold = await HoldAsync(ledger, Sample.Partition, id);
        var closed = hold.Hold.Close(new(10)) with { HeldAt = clock.GetUtcNow() - TimeSpan.FromSeconds(seconds) };
        await ledger.SettleAsync(Sample.Partition, hold, new(10), closed);
    }

    private async Task FailAsync(string id, string code)
    {
        var hold = await HoldAsync(ledger, Sample.Partition, id);
        await ledger.VoidAsync(Sample.Partition, hold, hold.Hold.Close(Money.Zero, code));
    }

    private async Task ExpireAsync(string id) => await ledger.ExpireAsync(Sample.Partition, await HoldAsync(ledger, Sample.Partition, id));

    private async Task<TrafficSums> SumsAsync() => (await traffic.ReadAsync(Cancel)).Aggregate(TrafficSums.None, (sum, each) => sum + each.Sums);
}
