using ServerlessImages.Ledger;
using ServerlessImages.Tests.Ledger;

namespace ServerlessImages.Tests.Observability;

/// <summary>Money is counted once, by whoever moved it, when it is known to have moved.</summary>
[Collection(MeasuredAlone.Name)]
public sealed class LedgerMetricTests : IDisposable
{
    private readonly LedgerFixture fixture = new();
    private readonly Measurements measured = new();

    public void Dispose() => measured.Dispose();

    [Fact]
    public async Task A_settled_hold_is_held_and_settled_once_however_often_it_is_asked_for()
    {
        await fixture.GrantAsync(100);
        var hold = await fixture.HoldAsync("req_1", 60);
        await fixture.SettleAsync(hold, 25);
        await fixture.SettleAsync(hold, 25);
        await fixture.Instance().SettleAsync(Sample.Partition, hold, new(25), hold.Hold.Close(new(25)));

        Assert.Equal((60, 25, 0), Money());
    }

    [Fact]
    public async Task A_refused_hold_is_not_held()
    {
        await fixture.GrantAsync(10);

        Assert.Equal("insufficient_balance", (await fixture.Ledger.HoldAsync(Sample.Partition, Sample.Hold("req_1", 60))).Error().Code);
        Assert.Equal((0, 0, 0), Money());
    }

    [Theory]
    [InlineData(Fault.Dropped)]
    [InlineData(Fault.AnswerLost)]
    public async Task What_was_stored_counts_once_although_its_answer_was_lost(object fault)
    {
        var real = new LedgerFixture(time: TimeProvider.System);
        await real.GrantAsync(100);
        real.Store.NextCommits.Enqueue((Fault)fault);
        var hold = await real.HoldAsync("req_1", 60);
        real.Store.NextCommits.Enqueue((Fault)fault);
        await real.SettleAsync(hold, 25);

        Assert.Equal((60, 25, 0), Money());
        await real.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task A_voided_hold_gives_its_quote_back_and_is_no_expired_one()
    {
        await fixture.GrantAsync(100);
        await fixture.VoidAsync(await fixture.HoldAsync("req_1", 60));

        Assert.Equal((60, 0, 60), Money());
        Assert.Equal(0, measured.Sum(Telemetry.HoldsExpired));
    }

    [Fact]
    public async Task A_hold_expires_once_whoever_sweeps_and_its_images_count_as_wasted()
    {
        await fixture.GrantAsync(100);
        await fixture.HoldAsync("req_1", 60);
        fixture.Clock.Advance(TimeSpan.FromMinutes(11));
        await Task.WhenAll(fixture.SweepAsync(), fixture.SweepAsync());

        Assert.Equal((60, 0, 60), Money());
        Assert.Equal(1, measured.Sum(Telemetry.HoldsExpired));
        Assert.Equal(1, measured.Sum(Telemetry.ImagesWasted, ("reason", "hold_expired"), ("model", "gpt-image-2")));
    }

    [Fact]
    public async Task A_late_charge_is_settled_once()
    {
        await fixture.GrantAsync(100);
        var hold = await fixture.HoldAsync("req_1", 60);
        fixture.Clock.Advance(TimeSpan.FromMinutes(11));
        await fixture.SweepAsync();
        await SettleLateAsync(hold);
        await SettleLateAsync(hold);

        Assert.Equal((60, 40, 60), Money());
    }

    [Fact]
    public async Task A_key_that_was_taken_over_holds_for_each_request_and_settles_for_the_one_that_drew()
    {
        await fixture.GrantAsync(1_000);
        var request = Sample.Hold("req_1", 60) with { Idempotency = new("hash") };
        var first = (await fixture.Ledger.HoldAsync(Sample.Partition, request)).Value().Hold!;
        fixture.Clock.Advance(TimeSpan.FromMinutes(11));
        await fixture.SweepAsync();
        var record = (await fixture.Ledger.FindIdempotencyAsync(Sample.Partition, "hash", TestContext.Current.CancellationToken))!;
        var second = (await fixture.Instance().HoldAsync(Sample.Partition, request with { Id = "req_2", Idempotency = new("hash", record.ETag) })).Value().Hold!;
        await SettleLateAsync(first);
        await fixture.SettleAsync(second, 50);

        Assert.Equal((120, 50, 60), Money());
    }

    [Fact]
    public async Task Whatever_joins_the_queue_leaves_it_and_has_waited_once()
    {
        var real = new LedgerFixture(time: TimeProvider.System);
        await real.GrantAsync(1_000);
        real.Store.NextCommits.Enqueue(Fault.Dropped);
        await Task.WhenAll(Enumerable.Range(0, 150).Select(index => real.HoldAsync($"req_{index}", 1)));

        Assert.Equal(0, measured.Sum(Telemetry.LedgerQueueDepth));
        Assert.Equal(151, measured.Of(Telemetry.LedgerQueueWait).Count());
    }

    private Task<Result<LedgerEntry>> SettleLateAsync(OpenHold hold) =>
        fixture.Ledger.SettleAsync(Sample.Partition, hold, new(40), hold.Hold.Close(new(40)), mayBeLate: true);

    private (double Held, double Settled, double Voided) Money() =>
        (measured.Sum(Telemetry.MoneyHeld), measured.Sum(Telemetry.MoneySettled), measured.Sum(Telemetry.MoneyVoided));
}
