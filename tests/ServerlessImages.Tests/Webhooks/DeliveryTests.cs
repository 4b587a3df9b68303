using ServerlessImages.Events;
using ServerlessImages.Ledger;
using ServerlessImages.Webhooks;

namespace ServerlessImages.Tests.Webhooks;

/// <summary>What is told to which endpoint, when, and what becomes of one that does not take it.</summary>
public sealed class DeliveryTests
{
    private readonly WebhookFixture fixture = new();

    [Fact]
    public async Task An_event_goes_once_to_each_endpoint_that_wants_it()
    {
        var keys = await fixture.AddAsync("https://a.example.com/", EventTypes.KeyCreated);
        await fixture.AddAsync("https://b.example.com/", EventTypes.BooksClosed);
        await fixture.AddAsync("https://c.example.com/");
        await fixture.TellAsync();

        await fixture.DeliverAsync();
        await fixture.DeliverAsync();

        Assert.Equal(["https://a.example.com/", "https://c.example.com/"], fixture.Sent.Select(each => each.Message.Url.AbsoluteUri).Order());
        var message = fixture.Sent[0].Message;
        Assert.Equal($$$"""{"type":"key.created","timestamp":"2026-11-23T12:00:00Z","livemode":true,"data":{"key_id":"key"}}""", message.Body);
        Assert.Equal((new EventId(1, 0).ToText(fixture.Partition), Sample.Now.ToUnixTimeSeconds()), (message.Id, message.Timestamp));
        Assert.Equal([(DeliveryState.Succeeded, 1, 200)], (await fixture.DeliveriesAsync(keys.Endpoint.Id)).Select(each => (each.State, each.Attempts, each.Status)));
    }

    [Fact]
    public async Task What_was_told_before_an_endpoint_was_there_is_not_told_to_it()
    {
        await fixture.TellAsync();
        await fixture.AddAsync();
        await fixture.TellAsync();

        await fixture.DeliverAsync();

        Assert.Equal([new EventId(2, 0).ToText(fixture.Partition)], fixture.Sent.Select(each => each.Message.Id));
    }

    [Fact]
    public async Task Attempts_are_made_at_once_and_then_on_the_standards_schedule_with_the_same_id()
    {
        var added = await fixture.AddAsync();
        fixture.Answer = _ => Task.FromResult(new WebhookAnswer(500, ""));
        await fixture.TellAsync();

        await fixture.DeliverAsync();
        await fixture.AdvanceAsync(TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(1));
        await fixture.AdvanceAsync(TimeSpan.FromHours(90));

        TimeSpan[] expected = [TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(30), TimeSpan.FromHours(2), TimeSpan.FromHours(5), TimeSpan.FromHours(10), TimeSpan.FromHours(14), TimeSpan.FromHours(20), TimeSpan.FromHours(24)];
        var waits = fixture.Sent.Zip(fixture.Sent.Skip(1), (earlier, later) => later.At - earlier.At).ToArray();
        Assert.Equal(expected.Length, waits.Length);
        Assert.All(waits.Zip(expected), each => Assert.InRange(each.First, each.Second, (each.Second * 1.1) + TimeSpan.FromMinutes(1)));
        Assert.Single(fixture.Sent.Select(each => each.Message.Id).Distinct());
        Assert.All(fixture.Sent, each => Assert.Equal(each.At.ToUnixTimeSeconds(), each.Message.Timestamp));
        Assert.Equal((DeliveryState.Failed, 10), (await fixture.DeliveriesAsync(added.Endpoint.Id)).Select(each => (each.State, each.Attempts)).Last());
        Assert.Equal(EndpointState.DisabledFailing, (await fixture.EndpointAsync(added.Endpoint.Id)).State);
    }

    [Fact]
    public async Task Whoever_failed_together_does_not_come_back_together()
    {
        await fixture.AddAsync();
        fixture.Answer = _ => Task.FromResult(new WebhookAnswer(500, ""));
        for (var each = 0; each < 8; each++) await fixture.TellAsync();

        await fixture.DeliverAsync();

        var due = (await fixture.RowsAsync("P|")).Select(row => WebhookRows.TimeOf(row.Key)).ToArray();
        Assert.Equal(8, due.Distinct().Count());
        Assert.All(due, each => Assert.InRange(each - Sample.Now, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(5.5)));
    }

    [Fact]
    public async Task A_dead_endpoint_is_disabled_and_the_others_are_told()
    {
        var dead = await fixture.AddAsync("https://dead.example.com/");
        await fixture.AddAsync("https://alive.example.com/", EventTypes.EndpointDisabled);
        fixture.Answer = message => Task.FromResult(message.Url.Host.StartsWith("dead", StringComparison.Ordinal) ? new WebhookAnswer(null, "timed_out") : new WebhookAnswer(204, ""));
        await fixture.TellAsync();

        await fixture.DeliverAsync();
        await fixture.AdvanceAsync(TimeSpan.FromHours(90));
        var attempts = fixture.Sent.Count(each => each.Message.Url.Host.StartsWith("dead", StringComparison.Ordinal));
        await fixture.TellAsync();
        await fixture.AdvanceAsync(TimeSpan.FromMinutes(10));

        var notice = Assert.Single(fixture.Sent, each => each.Message.Url.Host.StartsWith("alive", StringComparison.Ordinal));
        Assert.Contains($$"""{"webhook_endpoint_id":"{{dead.Endpoint.Id}}","url":"https://dead.example.com/","reason":"failing"}""", notice.Message.Body, StringComparison.Ordinal);
        Assert.Equal(10, attempts);
        Assert.Equal(attempts, fixture.Sent.Count(each => each.Message.Url.Host.StartsWith("dead", StringComparison.Ordinal)));
        Assert.False((await fixture.Books.BalanceAsync()).Wants(EventTypes.RequestFailed));
    }

    [Fact]
    public async Task One_event_that_an_endpoint_cannot_take_does_not_disable_it()
    {
        var added = await fixture.AddAsync();
        await fixture.TellAsync(once: "poison");
        var poison = new EventId(1, 0).ToText(fixture.Partition);
        fixture.Answer = message => Task.FromResult(new WebhookAnswer(message.Id == poison ? 500 : 200, ""));

        await fixture.DeliverAsync();
        for (var hours = 0; hours < 90; hours++)
        {
            await fixture.TellAsync();
            await fixture.AdvanceAsync(TimeSpan.FromHours(1), TimeSpan.FromMinutes(10));
        }

        Assert.True((await fixture.EndpointAsync(added.Endpoint.Id)).IsEnabled);
        Assert.Equal(91, fixture.Sent.Select(each => each.Message.Id).Distinct().Count());
        Assert.Equal(DeliveryState.Failed, (await fixture.DeliveriesAsync(added.Endpoint.Id))[^1].State);
    }

    [Theory]
    [InlineData(301)]
    [InlineData(307)]
    [InlineData(400)]
    [InlineData(503)]
    public async Task What_is_no_success_is_tried_again(int status)
    {
        var added = await fixture.AddAsync();
        fixture.Answer = _ => Task.FromResult(new WebhookAnswer(status, ""));
        await fixture.TellAsync();

        await fixture.DeliverAsync();
        fixture.Answer = _ => Task.FromResult(new WebhookAnswer(202, ""));
        await fixture.AdvanceAsync(TimeSpan.FromMinutes(1));

        Assert.Equal([(DeliveryState.Succeeded, 2, 202)], (await fixture.DeliveriesAsync(added.Endpoint.Id)).Select(each => (each.State, each.Attempts, each.Status)));
    }

    [Fact]
    public async Task One_that_is_gone_is_told_nothing_more_and_nothing_again()
    {
        var added = await fixture.AddAsync();
        fixture.Answer = _ => Task.FromResult(new WebhookAnswer(410, ""));
        await fixture.TellAsync();

        await fixture.DeliverAsync();
        await fixture.TellAsync();
        await fixture.AdvanceAsync(TimeSpan.FromHours(1));

        Assert.Single(fixture.Sent);
        Assert.Equal(EndpointState.DisabledGone, (await fixture.EndpointAsync(added.Endpoint.Id)).State);
    }

    [Theory]
    [InlineData(429)]
    [InlineData(502)]
    [InlineData(504)]
    public async Task One_that_asks_to_be_left_alone_is_left_alone(int status)
    {
        await fixture.AddAsync();
        fixture.Answer = _ => Task.FromResult(new WebhookAnswer(status, "", TimeSpan.FromMinutes(20)));
        await fixture.TellAsync();
        await fixture.DeliverAsync();
        await fixture.TellAsync();

        await fixture.AdvanceAsync(TimeSpan.FromMinutes(19));
        Assert.Single(fixture.Sent);
        await fixture.AdvanceAsync(TimeSpan.FromMinutes(2));

        Assert.Equal(3, fixture.Sent.Count);
    }

    [Fact]
    public async Task A_slow_endpoint_delays_no_other_and_keeps_one_run_busy()
    {
        var slow = new TaskCompletionSource<WebhookAnswer>();
        await fixture.AddAsync("https://slow.example.com/");
        await fixture.AddAsync("https://quick.example.com/");
        fixture.Answer = message => message.Url.Host.StartsWith("slow", StringComparison.Ordinal) ? slow.Task : Task.FromResult(new WebhookAnswer(200, ""));
        await fixture.TellAsync();

        var first = fixture.DeliverAsync();
        await fixture.TellAsync();
        await fixture.DeliverAsync().WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

        Assert.False(first.IsCompleted);
        Assert.Equal(2, fixture.Sent.Count(each => each.Message.Url.Host.StartsWith("quick", StringComparison.Ordinal)));
        Assert.Single(fixture.Sent, each => each.Message.Url.Host.StartsWith("slow", StringComparison.Ordinal));
        slow.SetResult(new WebhookAnswer(200, ""));
        await first;
        Assert.Equal(2, fixture.Sent.Count(each => each.Message.Url.Host.StartsWith("slow", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_dead_endpoint_with_much_to_be_told_costs_few_attempts_and_keeps_a_bounded_log()
    {
        var added = await fixture.AddAsync();
        fixture.Answer = _ => Task.FromResult(new WebhookAnswer(null, "unreachable"));
        for (var each = 0; each < 1_200; each++) await fixture.TellAsync();

        await fixture.DeliverAsync();
        await fixture.AdvanceAsync(TimeSpan.FromHours(1));

        Assert.InRange(fixture.Sent.Count, 10, 10 * 25);
        Assert.InRange((await fixture.RowsAsync("D|")).Count, 1, PlanDeliveries.RecordsMax);

        fixture.Answer = _ => Task.FromResult(new WebhookAnswer(200, ""));
        await fixture.AdvanceAsync(TimeSpan.FromHours(8));
        Assert.Equal(1_200, fixture.Sent.Select(each => each.Message.Id).Distinct().Count());
        Assert.Empty(await fixture.RowsAsync("P|"));
        Assert.InRange((await fixture.RowsAsync("D|")).Count, 1, PlanDeliveries.RecordsMax);
        Assert.Equal((await fixture.RowsAsync("D|")).Count, (await fixture.EndpointAsync(added.Endpoint.Id)).Records);
    }

    [Fact]
    public async Task Where_it_is_hinted_in_time_nothing_waits_for_the_sweep()
    {
        await fixture.AddAsync();
        fixture.Answer = _ => Task.FromResult(new WebhookAnswer(500, ""));
        await fixture.TellAsync();
        Assert.Equal([(fixture.Partition, TimeSpan.Zero)], fixture.Hints);
        fixture.Hints.Clear();

        await fixture.DeliverAsync();

        Assert.InRange(Assert.Single(fixture.Hints).Delay, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(5.5));
    }

    [Fact]
    public async Task The_sweep_finds_what_no_hint_told_of()
    {
        await fixture.AddAsync();
        await fixture.TellAsync();
        fixture.Hints.Clear();

        Assert.Equal(1, await fixture.Sweep.RunAsync((partition, cause) => WebhookFixture.Fail(partition.Key, cause), TestContext.Current.CancellationToken));
        Assert.Equal([(fixture.Partition, TimeSpan.Zero)], fixture.Hints);
        await fixture.DeliverAsync();
        fixture.Hints.Clear();

        Assert.Equal(0, await fixture.Sweep.RunAsync((partition, cause) => WebhookFixture.Fail(partition.Key, cause), TestContext.Current.CancellationToken));
        Assert.Empty(fixture.Hints);
    }

    [Fact]
    public async Task A_run_that_dies_while_it_sends_is_made_up_for_when_its_time_is_over()
    {
        await fixture.AddAsync();
        await fixture.TellAsync();
        fixture.Answer = _ => new TaskCompletionSource<WebhookAnswer>().Task;
        _ = fixture.DeliverAsync();
        fixture.Answer = _ => Task.FromResult(new WebhookAnswer(200, ""));

        await fixture.DeliverAsync();
        Assert.Single(fixture.Sent);
        await fixture.AdvanceAsync(AttemptDeliveries.LeaseTime);

        Assert.Equal(2, fixture.Sent.Count);
        Assert.Single(fixture.Sent.Select(each => each.Message.Id).Distinct());
        Assert.Empty(await fixture.RowsAsync("L|"));
    }

    [Fact]
    public async Task A_delivery_is_replayed_with_its_id_from_the_first_attempt_on()
    {
        var added = await fixture.AddAsync();
        await fixture.TellAsync();
        await fixture.DeliverAsync();
        var id = new EventId(1, 0).ToText(fixture.Partition);

        var replayed = (await fixture.Read.ReplayAsync(fixture.Partition, added.Endpoint.Id, id, TestContext.Current.CancellationToken)).Value();
        await fixture.DeliverAsync();

        Assert.Equal((DeliveryState.Pending, 0), (replayed.State, replayed.Attempts));
        Assert.Equal([id, id], fixture.Sent.Select(each => each.Message.Id));
        Assert.Single(await fixture.DeliveriesAsync(added.Endpoint.Id));
    }

    [Fact]
    public async Task One_that_waits_for_a_later_attempt_is_replayed_at_once()
    {
        var added = await fixture.AddAsync();
        fixture.Answer = _ => Task.FromResult(new WebhookAnswer(500, ""));
        await fixture.TellAsync();
        await fixture.DeliverAsync();
        await fixture.AdvanceAsync(TimeSpan.FromHours(1));
        fixture.Answer = _ => Task.FromResult(new WebhookAnswer(200, ""));
        var attempts = fixture.Sent.Count;

        await fixture.Read.ReplayAsync(fixture.Partition, added.Endpoint.Id, new EventId(1, 0).ToText(fixture.Partition), TestContext.Current.CancellationToken);
        await fixture.DeliverAsync();

        Assert.Equal(attempts + 1, fixture.Sent.Count);
        Assert.Empty(await fixture.RowsAsync("P|"));
    }

    [Fact]
    public async Task The_longest_request_is_told_in_less_than_20_kilobytes()
    {
        await fixture.AddAsync();
        await fixture.Books.GrantAsync(1_000);
        var word = new string('\u00e9', 64);
        var tags = Enumerable.Range(0, 10).ToDictionary(each => each + word[1..], _ => word);
        var hold = Sample.Hold("req_long", 10) is var request ? request with { Summary = request.Summary with { EndUser = new string('\u00e9', 256), Tags = RequestSummary.TagsJson(tags) } } : null!;
        var held = (await fixture.Ledger.HoldAsync(fixture.Partition, hold)).Value().Hold!;
        await fixture.Ledger.SettleAsync(fixture.Partition, held, new(10), held.Hold.Close(new(10)));

        await fixture.DeliverAsync();

        var message = Assert.Single(fixture.Sent).Message;
        Assert.Contains("request.succeeded", message.Body, StringComparison.Ordinal);
        Assert.InRange(System.Text.Encoding.UTF8.GetByteCount(message.Body), 1_000, 20_000);
    }
}
