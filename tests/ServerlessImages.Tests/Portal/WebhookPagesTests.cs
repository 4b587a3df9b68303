using System.Net;
using System.Text.RegularExpressions;
using ServerlessImages.Events;
using ServerlessImages.Ledger;
using ServerlessImages.Members;
using ServerlessImages.Tests.Webhooks;
using ServerlessImages.Webhooks;

namespace ServerlessImages.Tests.Portal;

/// <summary>Endpoints in the portal: they are told, their secrets are shown once, and nobody reaches another's.</summary>
public sealed partial class WebhookPagesTests(PortalFixture portal) : IClassFixture<PortalFixture>
{
    [Fact]
    public async Task An_endpoint_is_added_tested_and_its_log_says_what_became_of_it()
    {
        await using var receiver = await Receiver.StartAsync();
        using var owner = await portal.OwnerAsync();
        var made = await AddAsync(owner, ("url", receiver.Url), ("description", "The shop's"));
        var endpoint = Assert.Single(await EndpointsAsync(owner.Live));
        var page = await owner.GetAsync($"/portal/webhooks/{endpoint.Id}");

        await owner.SendAsync(page, $"/portal/webhooks/{endpoint.Id}/test");
        var received = await receiver.NextAsync();
        var log = await LogAsync(owner, endpoint.Id, until: "succeeded");
        await owner.SendAsync(log, $"/portal/webhooks/{endpoint.Id}/replay");
        var again = await receiver.NextAsync();

        Assert.Contains(received.Id, log.Html, StringComparison.Ordinal);
        Assert.Equal(received.Id, again.Id);
        Assert.NotEmpty(SecretOf(made));
        Assert.Empty(SecretOf(log));
    }

    [Fact]
    public async Task A_form_that_is_sent_twice_adds_one_endpoint_and_shows_the_same_secret()
    {
        using var owner = await portal.OwnerAsync();
        var form = await owner.GetAsync("/portal/webhooks/new");

        var first = await owner.SendAsync(form, "/portal/webhooks/new", ("url", "https://example.com/a"), ("mode", "live"));
        var second = await owner.SendAsync(form, "/portal/webhooks/new", ("url", "https://example.com/a"), ("mode", "live"));

        Assert.Equal(SecretOf(first), SecretOf(second));
        Assert.Single(await EndpointsAsync(owner.Live));
    }

    [Fact]
    public async Task An_endpoint_of_test_mode_stands_apart_and_has_its_page_too()
    {
        using var owner = await portal.OwnerAsync();
        await AddAsync(owner, ("url", "https://example.com/t"), ("mode", "test"));
        var endpoint = Assert.Single(await EndpointsAsync(owner.Live with { Livemode = false }));

        Assert.Contains("No endpoints yet", (await owner.GetAsync("/portal/webhooks")).Html, StringComparison.Ordinal);
        Assert.Contains("https://example.com/t", (await owner.GetAsync("/portal/webhooks?mode=test")).Html, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await owner.GetAsync($"/portal/webhooks/{endpoint.Id}")).Status);
    }

    [Theory]
    [InlineData("url", "")]
    [InlineData("url", "not an address")]
    [InlineData("url", "ftp://example.com/")]
    [InlineData("url", "https://user:word@example.com/")]
    [InlineData("events", "everything.else")]
    [InlineData("mode", "both")]
    [InlineData("surprise", "1")]
    public async Task What_is_wrong_adds_nothing(string field, string value)
    {
        using var owner = await portal.OwnerAsync();
        (string, string)[] good = [("url", "https://example.com/kept")];

        var answer = await AddAsync(owner, [.. good.Where(each => each.Item1 != field), (field, value)]);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.Status);
        Assert.Empty(await EndpointsAsync(owner.Live));
    }

    [Fact]
    public async Task An_endpoint_is_changed_disabled_enabled_and_gets_a_new_secret()
    {
        using var owner = await portal.OwnerAsync();
        var first = SecretOf(await AddAsync(owner, ("url", "https://example.com/b")));
        var before = Assert.Single(await EndpointsAsync(owner.Live));
        var at = $"/portal/webhooks/{before.Id}";

        var changed = await owner.SendAsync(await owner.GetAsync(at + "/change"), at + "/change", ("url", "https://example.com/c"), ("description", ""), ("events", EventTypes.KeyRevoked), ("events", EventTypes.BalanceLow));
        var disabled = await owner.SendAsync(changed, at + "/switch");
        var off = Assert.Single(await EndpointsAsync(owner.Live));
        await owner.SendAsync(disabled, at + "/switch");
        var rotated = await owner.SendAsync(await owner.GetAsync(at + "/rotate"), at + "/rotate", ("overlap_seconds", "3600"));

        var after = Assert.Single(await EndpointsAsync(owner.Live));
        Assert.Equal(("https://example.com/c", EndpointState.DisabledByRequest, EndpointState.Enabled), (after.Url, off.State, after.State));
        Assert.Equal([EventTypes.KeyRevoked, EventTypes.BalanceLow], after.Types);
        Assert.NotEqual(first, SecretOf(rotated));
        Assert.Equal(before.Secrets.Current, after.Secrets.Previous);
    }

    [Theory]
    [InlineData("change", "url", "", HttpStatusCode.UnprocessableEntity)]
    [InlineData("change", "events", "nothing", HttpStatusCode.UnprocessableEntity)]
    [InlineData("rotate", "overlap_seconds", "5", HttpStatusCode.UnprocessableEntity)]
    [InlineData("switch", "enabled", "perhaps", HttpStatusCode.BadRequest)]
    [InlineData("switch", "", "", HttpStatusCode.BadRequest)]
    [InlineData("replay", "event", "evt_0000000000010deadbeef", HttpStatusCode.NotFound)]
    public async Task What_is_wrong_changes_nothing_about_an_endpoint(string form, string field, string value, HttpStatusCode status)
    {
        using var owner = await portal.OwnerAsync();
        await AddAsync(owner, ("url", "https://example.com/same"));
        var before = Assert.Single(await EndpointsAsync(owner.Live));

        var answer = await owner.ForgeAsync($"/portal/webhooks/{before.Id}/{form}", field.Length == 0 ? [] : [(field, value)]);

        Assert.Equal(status, answer.Status);
        Assert.Equivalent(before, Assert.Single(await EndpointsAsync(owner.Live)));
    }

    [Fact]
    public async Task A_deleted_endpoint_is_gone()
    {
        using var owner = await portal.OwnerAsync();
        await AddAsync(owner, ("url", "https://example.com/d"));
        var at = $"/portal/webhooks/{Assert.Single(await EndpointsAsync(owner.Live)).Id}";

        var deleted = await owner.SendAsync(await owner.GetAsync(at + "/delete"), at + "/delete");

        Assert.Contains("deleted", deleted.Html, StringComparison.Ordinal);
        Assert.Empty(await EndpointsAsync(owner.Live));
        Assert.Equal(HttpStatusCode.NotFound, (await owner.GetAsync(at)).Status);
    }

    [Fact]
    public async Task Another_accounts_endpoint_is_not_there_and_nothing_is_done_to_it()
    {
        using var owner = await portal.OwnerAsync();
        using var stranger = await portal.OwnerAsync();
        await AddAsync(owner, ("url", "https://example.com/mine"));
        var before = Assert.Single(await EndpointsAsync(owner.Live));
        var statuses = new List<HttpStatusCode>();
        foreach (var (form, field, value) in ((string, string, string)[])[("change", "url", "https://example.com/theirs"), ("switch", "enabled", "false"), ("test", "", ""), ("replay", "event", "evt_0000000000010deadbeef"), ("rotate", "overlap_seconds", "0"), ("delete", "", "")])
        {
            statuses.Add((await stranger.ForgeAsync($"/portal/webhooks/{before.Id}/{form}", field.Length == 0 ? [] : [(field, value)])).Status);
        }

        foreach (var page in (string[])["", "/change", "/rotate", "/delete"]) statuses.Add((await stranger.GetAsync($"/portal/webhooks/{before.Id}{page}")).Status);

        Assert.All(statuses, status => Assert.Equal(HttpStatusCode.NotFound, status));
        Assert.Equivalent(before, Assert.Single(await EndpointsAsync(owner.Live)));
    }

    [Fact]
    public async Task Whoever_only_pays_does_nothing_about_endpoints()
    {
        using var owner = await portal.OwnerAsync();
        using var payer = await portal.MemberAsync(owner.Account, MemberRole.Billing);
        await AddAsync(owner, ("url", "https://example.com/e"));
        var before = Assert.Single(await EndpointsAsync(owner.Live));

        var statuses = new[] { (await payer.ForgeAsync("/portal/webhooks/new", ("url", "https://example.com/f"))).Status, (await payer.ForgeAsync($"/portal/webhooks/{before.Id}/delete")).Status };

        Assert.All(statuses, status => Assert.Equal(HttpStatusCode.Forbidden, status));
        Assert.Equivalent(before, Assert.Single(await EndpointsAsync(owner.Live)));
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static async Task<PortalBrowser.Page> AddAsync(PortalVisitor visitor, params (string Name, string Value)[] fields) => await visitor.SendAsync(await visitor.GetAsync("/portal/webhooks/new"), "/portal/webhooks/new", fields);

    private static async Task<PortalBrowser.Page> LogAsync(PortalVisitor visitor, string id, string until)
    {
        while (true)
        {
            var page = await visitor.GetAsync($"/portal/webhooks/{id}");
            if (page.Html.Contains(until, StringComparison.Ordinal)) return page;
            await Task.Delay(20, Cancel);
        }
    }

    private async Task<IEnumerable<WebhookEndpoint>> EndpointsAsync(LedgerPartition partition) => (await portal.Of<PendingDeliveries>().EndpointsAsync(partition, Cancel)).Where(each => each.State != EndpointState.Deleted);

    /// <summary>As somebody reads it: in the page's source a plus sign is written otherwise. Empty for none.</summary>
    private static string SecretOf(PortalBrowser.Page page) => SecretText().Match(WebUtility.HtmlDecode(page.Html)).Value;

    [GeneratedRegex("whsec_[0-9A-Za-z+/=]{20,}", RegexOptions.None, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex SecretText();
}
