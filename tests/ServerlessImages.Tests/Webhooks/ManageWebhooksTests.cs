using ServerlessImages.Events;
using ServerlessImages.Storage;
using ServerlessImages.Tests.Ledger;
using ServerlessImages.Webhooks;

namespace ServerlessImages.Tests.Webhooks;

/// <summary>Endpoints come, change and go, and the balance knows what they want.</summary>
public sealed class ManageWebhooksTests
{
    private readonly WebhookFixture fixture = new();

    [Fact]
    public async Task A_secret_is_32_bytes_of_its_endpoint_alone_and_is_nowhere_in_the_store()
    {
        var (first, second) = (await fixture.AddAsync(), await fixture.AddAsync());

        Assert.StartsWith("whsec_", first.Secret, StringComparison.Ordinal);
        Assert.Equal(32, Convert.FromBase64String(first.Secret["whsec_".Length..]).Length);
        Assert.NotEqual(first.Secret, second.Secret);
        var stored = string.Join(' ', (await fixture.RowsAsync()).SelectMany(row => row.Columns).Select(column => column.Value));
        Assert.DoesNotContain(first.Secret["whsec_".Length..], stored, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_same_idempotency_key_makes_one_endpoint_with_one_secret()
    {
        var terms = new WebhookTerms("https://example.com/", null, [EventTypes.KeyCreated], null);
        var first = (await fixture.Manage.AddAsync(fixture.Partition, terms, "once", TestContext.Current.CancellationToken)).Value();
        var again = (await fixture.Manage.AddAsync(fixture.Partition, terms, "once", TestContext.Current.CancellationToken)).Value();
        var other = await fixture.Manage.AddAsync(fixture.Partition, terms with { Url = "https://other.example.com/" }, "once", TestContext.Current.CancellationToken);

        Assert.Equal((first.Endpoint.Id, first.Secret), (again.Endpoint.Id, again.Secret));
        Assert.Equal("idempotency_key_reused", other.Error().Code);
        Assert.Single(await fixture.RowsAsync("W|"));
    }

    [Fact]
    public async Task No_number_of_callers_adds_more_than_there_may_be()
    {
        var added = await Task.WhenAll(Enumerable.Range(0, WebhookDirectory.EndpointsMax + 1).Select(_ => fixture.Manage.AddAsync(fixture.Partition, new WebhookTerms("https://example.com/", null, [], null), null, TestContext.Current.CancellationToken)));

        Assert.Equal("too_many_webhook_endpoints", Assert.Single(added, each => !each.TryGet(out _, out _)).Error().Code);
        Assert.Equal(WebhookDirectory.EndpointsMax, (await fixture.RowsAsync("W|")).Count);
    }

    [Fact]
    public async Task The_balance_knows_what_all_enabled_endpoints_together_want()
    {
        var keys = await fixture.AddAsync("https://a.example.com/", EventTypes.KeyCreated);
        await fixture.AddAsync("https://b.example.com/", EventTypes.RequestFailed);
        Assert.Equal((true, true, false), await WantedAsync());

        await ChangeAsync(keys.Endpoint.Id, new(null, null, [EventTypes.RequestSucceeded], null));
        Assert.Equal((false, true, true), await WantedAsync());

        await ChangeAsync(keys.Endpoint.Id, new(null, null, null, IsEnabled: false));
        Assert.Equal((false, true, false), await WantedAsync());
    }

    [Fact]
    public async Task An_older_change_that_comes_late_to_the_balance_changes_nothing()
    {
        await fixture.Ledger.SetWantedEventsAsync(fixture.Partition, version: 2, wanted: 0);
        await fixture.Ledger.SetWantedEventsAsync(fixture.Partition, version: 1, wanted: -1);

        Assert.Equal((2, 0), ((await fixture.Books.BalanceAsync()).EndpointsVersion, (await fixture.Books.BalanceAsync()).WantedEvents));
    }

    [Fact]
    public async Task A_change_that_broke_off_before_the_balance_is_made_up_for_by_the_sweep()
    {
        var store = new HookedTableStore(new InMemoryTableStore());
        var own = new WebhookFixture(store);
        var hasBroken = false;
        store.OnCommit = (_, commit) => hasBroken ? commit() : throw new InvalidOperationException("died");

        await Assert.ThrowsAsync<InvalidOperationException>(() => own.AddAsync("https://example.com/", EventTypes.KeyCreated));
        Assert.False((await own.Books.BalanceAsync()).Wants(EventTypes.KeyCreated));
        hasBroken = true;
        await own.Sweep.RunAsync((partition, cause) => WebhookFixture.Fail(partition.Key, cause), TestContext.Current.CancellationToken);

        Assert.True((await own.Books.BalanceAsync()).Wants(EventTypes.KeyCreated));
    }

    [Fact]
    public async Task While_it_is_disabled_it_is_told_of_nothing_and_afterwards_of_what_was_due_before()
    {
        var added = await fixture.AddAsync();
        fixture.Answer = _ => Task.FromResult(new WebhookAnswer(500, ""));
        await fixture.TellAsync();
        await fixture.DeliverAsync();
        fixture.Answer = _ => Task.FromResult(new WebhookAnswer(200, ""));

        await ChangeAsync(added.Endpoint.Id, new(null, null, null, IsEnabled: false));
        await fixture.TellAsync();
        await fixture.AdvanceAsync(TimeSpan.FromHours(1));
        Assert.Single(fixture.Sent);
        await ChangeAsync(added.Endpoint.Id, new(null, null, null, IsEnabled: true));
        await fixture.TellAsync();
        await fixture.AdvanceAsync(TimeSpan.FromMinutes(1));

        Assert.Equal([1, 1, 3], fixture.Sent.Select(each => EventId.Parse(fixture.Partition, each.Message.Id)!.Number).Order());
    }

    [Fact]
    public async Task A_deleted_endpoint_leaves_nothing_behind_whatever_deletes_it()
    {
        var added = await fixture.AddAsync();
        fixture.Answer = _ => Task.FromResult(new WebhookAnswer(500, ""));
        for (var each = 0; each < 120; each++) await fixture.TellAsync();
        await fixture.DeliverAsync();
        Assert.NotEmpty(await fixture.RowsAsync("P|"));

        Assert.True((await fixture.Directory.DeleteAsync(fixture.Partition, added.Endpoint.Id, TestContext.Current.CancellationToken)).TryGet(out _, out _));

        Assert.Equal(["V"], (await fixture.RowsAsync()).Select(row => row.Key));
        Assert.Equal("webhook_endpoint_not_found", (await fixture.Directory.FindAsync(fixture.Partition, added.Endpoint.Id, TestContext.Current.CancellationToken)).Error().Code);
    }

    [Fact]
    public async Task A_deletion_that_broke_off_is_ended_by_the_next_run_and_nothing_is_sent_meanwhile()
    {
        var store = new HookedTableStore(new InMemoryTableStore()) { Table = TableNames.Webhooks };
        var own = new WebhookFixture(store);
        var added = await own.AddAsync();
        await own.TellAsync();
        var commits = 0;
        store.OnCommit = (_, commit) => ++commits == 2 ? throw new InvalidOperationException("died") : commit();
        own.Answer = _ => Task.FromResult(new WebhookAnswer(500, ""));
        await Assert.ThrowsAsync<InvalidOperationException>(() => own.Directory.DeleteAsync(own.Partition, added.Endpoint.Id, TestContext.Current.CancellationToken));

        await own.DeliverAsync();

        Assert.Empty(own.Sent);
        Assert.Equal(["V"], (await own.RowsAsync()).Select(row => row.Key));
    }

    [Fact]
    public async Task After_a_rotation_messages_are_signed_with_both_secrets_until_the_overlap_is_over()
    {
        var added = await fixture.AddAsync();
        var rotated = (await fixture.Manage.RotateAsync(fixture.Partition, added.Endpoint.Id, TimeSpan.FromHours(1), TestContext.Current.CancellationToken)).Value();
        await fixture.TellAsync();
        await fixture.DeliverAsync();
        fixture.Books.Clock.Advance(TimeSpan.FromHours(1));
        await fixture.TellAsync();
        await fixture.DeliverAsync();

        Assert.NotEqual(added.Secret, rotated.Secret);
        Assert.Equal([$"{Sign(rotated.Secret, 0)} {Sign(added.Secret, 0)}", Sign(rotated.Secret, 1)], fixture.Sent.Select(each => each.Message.Signature));
    }

    /// <summary>The standard's three lines. Source: github.com/standard-webhooks, spec/standard-webhooks.md.</summary>
    private string Sign(string secret, int sent)
    {
        var message = fixture.Sent[sent].Message;
        return "v1," + Convert.ToBase64String(System.Security.Cryptography.HMACSHA256.HashData(Convert.FromBase64String(secret["whsec_".Length..]), System.Text.Encoding.UTF8.GetBytes($"{message.Id}.{message.Timestamp}.{message.Body}")));
    }

    private async Task ChangeAsync(string id, WebhookTerms terms) => Assert.True((await fixture.Manage.ChangeAsync(fixture.Partition, id, terms, TestContext.Current.CancellationToken)).TryGet(out _, out _));

    private async Task<(bool Keys, bool Failed, bool Succeeded)> WantedAsync()
    {
        var balance = await fixture.Books.BalanceAsync();
        return (balance.Wants(EventTypes.KeyCreated), balance.Wants(EventTypes.RequestFailed), balance.Wants(EventTypes.RequestSucceeded));
    }
}
