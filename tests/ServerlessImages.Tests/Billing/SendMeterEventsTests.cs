using ServerlessImages.Billing;
using ServerlessImages.Ledger;
using ServerlessImages.Storage;
using ServerlessImages.Tests.Ledger;

namespace ServerlessImages.Tests.Billing;

/// <summary>What trusted accounts owe reaches the collector hour by hour, each hour once, whatever it answers.</summary>
public sealed class SendMeterEventsTests
{
    private static readonly LedgerHour FirstHour = LedgerHour.Of(Sample.Now);
    private readonly LedgerFixture fixture = new();
    private readonly FakeCollector collector = new();
    private readonly List<string> stuck = [];

    [Fact]
    public async Task An_hour_is_sent_once_it_is_over_with_what_was_charged_to_the_limit_in_it()
    {
        await fixture.GrantAsync(50);
        await ChargeAsync("req_prepaid", 50);
        await ChargeAsync("req_1", 30);
        await ChargeAsync("req_2", 12);
        await SendAsync();
        Assert.Empty(collector.Recorded);

        fixture.Clock.Advance(TimeSpan.FromHours(1));
        await SendAsync();
        await SendAsync();

        Assert.Equal([new UsageRecord("acct_sample", FirstHour, new(42), "acct_sample:2026112312:1", "acct_sample:2026112312:1:1")], collector.Recorded);
        Assert.Empty(await fixture.RowsAsync("F"));
        var delivered = Assert.Single(await fixture.RowsAsync("M"));
        Assert.Equal(("M|2026112312", 42L, "acct_sample:2026112312:1"), (delivered.Key, delivered.Columns.Integer("Value"), delivered.Columns.Text("Identifier")));
        await fixture.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task Without_a_collector_what_is_owed_waits_and_its_age_is_known()
    {
        await AnHourAsync();
        fixture.Clock.Advance(TimeSpan.FromHours(3));

        var age = await Sender(collector: null).RunAsync(Stuck, Fail, Cancel);

        Assert.Equal(fixture.Clock.GetUtcNow() - FirstHour.Start.AddHours(1), age);
        Assert.Single(await fixture.RowsAsync("F"));
    }

    [Fact]
    public async Task A_collector_that_breaks_each_time_does_not_hide_what_waits()
    {
        collector.Answer = _ => throw new TimeoutException();
        await AnHourAsync();
        fixture.Clock.Advance(TimeSpan.FromHours(3));
        var failures = new List<Exception>();

        var age = await Sender(collector).RunAsync(Stuck, (_, cause) => failures.Add(cause), Cancel);

        Assert.Equal((fixture.Clock.GetUtcNow() - FirstHour.Start.AddHours(1), typeof(TimeoutException)), (age, Assert.Single(failures).GetType()));
    }

    [Fact]
    public async Task What_is_not_answered_is_sent_again_with_the_same_identifier_and_value_under_another_key_and_not_at_once()
    {
        collector.Answer = _ => Task.FromResult(CollectorAnswer.Unavailable);
        await AnHourAsync();
        await SendAsync();
        await SendAsync();
        Assert.Single(collector.Recorded);

        fixture.Clock.Advance(TimeSpan.FromMinutes(2));
        await SendAsync();

        Assert.Equal(["acct_sample:2026112312:1:1", "acct_sample:2026112312:1:2"], collector.Recorded.Select(sent => sent.IdempotencyKey));
        Assert.Single(collector.Recorded.Select(sent => (sent.Identifier, sent.Value)).Distinct());
    }

    [Fact]
    public async Task A_collector_that_says_when_to_come_again_is_left_alone_until_then()
    {
        collector.Answer = _ => Task.FromResult(CollectorAnswer.Unavailable with { RetryAfter = TimeSpan.FromHours(2) });
        await AnHourAsync();
        await SendAsync();

        fixture.Clock.Advance(TimeSpan.FromMinutes(119));
        await SendAsync();
        Assert.Single(collector.Recorded);
        fixture.Clock.Advance(TimeSpan.FromMinutes(1));
        await SendAsync();
        Assert.Equal(2, collector.Recorded.Count);
    }

    [Fact]
    public async Task What_may_have_been_forgotten_is_asked_for_and_not_sent_again_where_it_is_there()
    {
        collector.Answer = _ => Task.FromResult(CollectorAnswer.Unavailable);
        await AnHourAsync();
        await SendAsync();
        fixture.Clock.Advance(TimeSpan.FromHours(20));
        collector.Total = new(42);

        await SendAsync();

        Assert.Equal((1, 1), (collector.Recorded.Count, collector.Asked));
        Assert.Empty(await fixture.RowsAsync("F"));
        Assert.Single(await fixture.RowsAsync("M"));
    }

    [Fact]
    public async Task Where_it_is_not_there_it_is_sent_under_the_next_identifier()
    {
        collector.Answer = _ => Task.FromResult(CollectorAnswer.Unavailable);
        await AnHourAsync();
        await SendAsync();
        fixture.Clock.Advance(TimeSpan.FromHours(20));
        (collector.Total, collector.Answer) = (Money.Zero, _ => Task.FromResult(CollectorAnswer.Delivered));

        await SendAsync();
        await SendAsync();

        Assert.Equal(["acct_sample:2026112312:1", "acct_sample:2026112312:2"], collector.Recorded.Select(sent => sent.Identifier));
        Assert.Single(await fixture.RowsAsync("M"));
    }

    [Fact]
    public async Task Where_the_collector_counts_something_else_nothing_is_sent_and_a_person_is_called()
    {
        collector.Answer = _ => Task.FromResult(CollectorAnswer.Unavailable);
        await AnHourAsync();
        await SendAsync();
        fixture.Clock.Advance(TimeSpan.FromHours(20));
        collector.Total = new(41);

        await SendAsync();
        await SendAsync();

        Assert.Single(collector.Recorded);
        Assert.Equal(["the collector counts $0.000041, and $0.000042 was reported"], stuck);
    }

    [Fact]
    public async Task A_collector_that_cannot_be_asked_is_left_alone_for_a_while()
    {
        collector.Answer = _ => Task.FromResult(CollectorAnswer.Unavailable);
        await AnHourAsync();
        await SendAsync();
        fixture.Clock.Advance(TimeSpan.FromHours(20));

        await SendAsync();
        await SendAsync();

        Assert.Equal((1, 1), (collector.Recorded.Count, collector.Asked));
    }

    [Fact]
    public async Task What_is_too_old_to_be_reported_goes_on_an_invoice_by_itself()
    {
        await AnHourAsync();
        fixture.Clock.Advance(TimeSpan.FromDays(32));

        await SendAsync();
        await SendAsync();

        Assert.Empty(collector.Recorded);
        Assert.Equal([("acct_sample:2026112312:invoice", new Money(42))], collector.Invoiced.Select(item => (item.Identifier, item.Value)));
        Assert.Single(await fixture.RowsAsync("M"));
    }

    [Fact]
    public async Task What_was_sent_and_is_too_old_is_asked_for_before_it_is_invoiced()
    {
        collector.Answer = _ => Task.FromResult(CollectorAnswer.Unavailable);
        await AnHourAsync();
        await SendAsync();
        fixture.Clock.Advance(TimeSpan.FromDays(32));
        collector.Total = new(42);

        await SendAsync();

        Assert.Equal((1, 1, 0), (collector.Recorded.Count, collector.Asked, collector.Invoiced.Count));
        Assert.Single(await fixture.RowsAsync("M"));
    }

    [Fact]
    public async Task One_bad_account_never_delays_anothers_usage()
    {
        var silent = new TaskCompletionSource<CollectorAnswer>();
        collector.Answer = usage => usage.Account switch
        {
            "acct_refused" => Task.FromResult(CollectorAnswer.Refused("no such customer")),
            "acct_broken" => throw new InvalidOperationException("broken"),
            "acct_silent" => silent.Task,
            _ => Task.FromResult(CollectorAnswer.Delivered),
        };

        // So many that some are listed before each bad one, and some after it.
        string[] good = [.. Enumerable.Range(0, 10).Select(number => $"acct_good_{number}")];
        foreach (var account in (string[])["acct_broken", "acct_refused", "acct_silent", .. good]) await ChargeAsync("req_1", 42, account);
        fixture.Clock.Advance(TimeSpan.FromHours(1));
        var failed = new List<string>();

        var run = Sender(collector).RunAsync(Stuck, (partition, _) => failed.Add(partition.Key), Cancel);

        Assert.False(run.IsCompleted);
        foreach (var account in good) Assert.Equal(["M|2026112312"], await DeliveredAsync(account));
        silent.SetResult(CollectorAnswer.Delivered);
        Assert.Equal(TimeSpan.FromMinutes(0), (await run) - (fixture.Clock.GetUtcNow() - FirstHour.Start.AddHours(1)));
        Assert.Equal(["acct_broken"], failed);
        Assert.Equal(["M|2026112312"], await DeliveredAsync("acct_silent"));
        Assert.Empty(await DeliveredAsync("acct_refused"));
    }

    [Fact]
    public async Task A_refused_account_is_named_and_tried_again_hours_later()
    {
        collector.Answer = _ => Task.FromResult(CollectorAnswer.Refused("no such customer"));
        await AnHourAsync();
        await SendAsync();
        fixture.Clock.Advance(TimeSpan.FromHours(5));
        await SendAsync();
        Assert.Equal(["no such customer"], stuck);
        Assert.Single(collector.Recorded);

        collector.Answer = _ => Task.FromResult(CollectorAnswer.Delivered);
        fixture.Clock.Advance(TimeSpan.FromHours(1));
        await SendAsync();

        Assert.Equal(2, collector.Recorded.Count);
        Assert.Single(await fixture.RowsAsync("M"));
    }

    [Fact]
    public async Task Two_instances_at_once_send_an_hour_once()
    {
        var answer = new TaskCompletionSource<CollectorAnswer>();
        collector.Answer = _ => answer.Task;
        await AnHourAsync();

        var first = Sender(collector).RunAsync(Stuck, Fail, Cancel);
        await Sender(collector).RunAsync(Stuck, Fail, Cancel);
        answer.SetResult(CollectorAnswer.Delivered);
        await first;

        Assert.Single(collector.Recorded);
        Assert.Single(await fixture.RowsAsync("M"));
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private async Task AnHourAsync()
    {
        await ChargeAsync("req_1", 42);
        fixture.Clock.Advance(TimeSpan.FromHours(1));
    }

    private async Task ChargeAsync(string id, long charge, string account = "acct_sample")
    {
        var partition = new LedgerPartition(account, Livemode: true);
        await fixture.Ledger.SetLimitAsync(partition, new(1_000));
        var hold = (await fixture.Ledger.HoldAsync(partition, Sample.Hold(id, charge))).Value().Hold!;
        await fixture.Ledger.SettleAsync(partition, hold, new(charge), hold.Hold.Close(Money.Zero));
    }

    private async Task<IEnumerable<string>> DeliveredAsync(string account) =>
        (await fixture.Store.RangeAsync(TableNames.Ledger, account, "M|", "M}", 10, Cancel)).Select(row => row.Key);

    private Task<TimeSpan> SendAsync() => Sender(collector).RunAsync(Stuck, Fail, Cancel);

    private SendMeterEvents Sender(IUsageCollector? collector) => new(fixture.Instance(), new OpenPartitions(fixture.Store, fixture.Clock), fixture.Store, fixture.Clock, new SystemEntropy(), collector);

    private void Stuck(LedgerPartition partition, MeterEvent waiting) => stuck.Add(waiting.Problem);

    private static void Fail(LedgerPartition partition, Exception cause) => throw new InvalidOperationException(partition.Key, cause);
}
