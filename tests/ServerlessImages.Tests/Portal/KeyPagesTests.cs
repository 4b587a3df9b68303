using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using ServerlessImages.Keys;
using ServerlessImages.Ledger;
using ServerlessImages.Members;

namespace ServerlessImages.Tests.Portal;

/// <summary>Keys in the portal: what is made there works, what is wrong makes nothing, and nobody sees another's.</summary>
public sealed partial class KeyPagesTests(PortalFixture portal) : IClassFixture<PortalFixture>
{
    [Fact]
    public async Task A_key_is_shown_once_works_and_has_what_was_asked_for()
    {
        using var owner = await portal.OwnerAsync();
        var made = await CreateAsync(owner, ("name", "Web shop"), ("scopes", "images:generate"), ("scopes", "usage:read"), ("month_usd", "20"), ("day_usd", "2.5"), ("requests_per_minute", "30"), ("models", "gpt-image-2"), ("addresses", "127.0.0.1\r\n::1"));
        var text = TextOn(made);
        var key = (await KeyOfAsync(text))!;
        var shownAgain = await owner.GetAsync($"/portal/keys/{key.Id}");

        Assert.Equal(("Web shop", owner.Account, true, "127.0.0.1/32 ::1/128"), (key.Name, key.AccountId, key.Livemode, string.Join(' ', key.Addresses)));
        Assert.Equal(["images:generate", "usage:read"], key.Scopes);
        Assert.Equal(new BudgetLimits(Day: new(2_500_000), Month: Money.Dollars(20), RequestsPerMinute: 30), (await BudgetAsync(key))!.Limits);
        Assert.DoesNotContain(text, shownAgain.Html, StringComparison.Ordinal);
        Assert.Contains("curl", made.Html, StringComparison.Ordinal);
        Assert.Contains("Web shop", (await owner.GetAsync("/portal/keys")).Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_test_key_brings_play_money_and_stands_apart()
    {
        using var owner = await portal.OwnerAsync();
        var made = await CreateAsync(owner, ("name", "Tests"), ("mode", "test"), ("scopes", "images:generate"));

        Assert.StartsWith("si_test_", TextOn(made), StringComparison.Ordinal);
        Assert.Equal(Money.Dollars(1_000), (await portal.Of<AccountLedger>().BalanceAsync(owner.Live with { Livemode = false }, Cancel)).Available);
        Assert.DoesNotContain("si_test_", (await owner.GetAsync("/portal/keys")).Html, StringComparison.Ordinal);
        Assert.Contains("Tests", (await owner.GetAsync("/portal/keys?mode=test")).Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_last_day_counts_whole()
    {
        using var owner = await portal.OwnerAsync();
        var today = TimeProvider.System.GetUtcNow().UtcDateTime.Date;
        var made = await CreateAsync(owner, ("name", "Short"), ("scopes", "usage:read"), ("last_day", today.AddDays(1).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)));

        Assert.Equal(today.AddDays(2), (await KeyOfAsync(TextOn(made)))!.ExpiresAt!.Value.UtcDateTime);
    }

    [Theory]
    [InlineData("name", "", "name")]
    [InlineData("mode", "both", "mode")]
    [InlineData("scopes", "everything", "scopes")]
    [InlineData("models", "dall-e-2", "models")]
    [InlineData("month_usd", "-3", "month_usd")]
    [InlineData("day_usd", "much", "day_usd")]
    [InlineData("requests_per_minute", "0", "requests_per_minute")]
    [InlineData("last_day", "2020-01-01", "last_day")]
    [InlineData("last_day", "soon", "last_day")]
    [InlineData("addresses", "203.0.113.7/24", "addresses")]
    [InlineData("surprise", "1", "surprise")]
    public async Task What_is_wrong_makes_nothing_and_loses_nothing(string field, string value, string named)
    {
        using var owner = await portal.OwnerAsync();
        (string, string)[] good = [("name", "Kept"), ("scopes", "usage:read")];
        var answer = await CreateAsync(owner, [.. good.Where(each => each.Item1 != field), (field, value)]);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.Status);
        Assert.Contains(named, Alert(answer), StringComparison.Ordinal);
        Assert.True(field == "name" || answer.Html.Contains("value=\"Kept\"", StringComparison.Ordinal));
        Assert.Contains("No API keys yet", (await owner.GetAsync("/portal/keys")).Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_without_any_scope_is_not_made()
    {
        using var owner = await portal.OwnerAsync();

        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await CreateAsync(owner, ("name", "Idle"))).Status);
    }

    [Fact]
    public async Task A_developer_makes_no_key_that_buys_credit_and_gets_none_by_rotating_one()
    {
        using var owner = await portal.OwnerAsync();
        using var developer = await portal.MemberAsync(owner.Account, MemberRole.Developer);
        var buying = await KeyOfAsync(TextOn(await CreateAsync(owner, ("name", "Buyer"), ("scopes", "billing:manage"))));

        var made = await CreateAsync(developer, ("name", "Sly"), ("scopes", "billing:manage"));
        var rotated = await developer.ForgeAsync($"/portal/keys/{buying!.Id}/rotate", ("overlap_seconds", "0"));

        Assert.DoesNotContain("billing:manage", (await developer.GetAsync("/portal/keys/new")).Html, StringComparison.Ordinal);
        Assert.Equal((HttpStatusCode.UnprocessableEntity, HttpStatusCode.Forbidden), (made.Status, rotated.Status));
        Assert.Equal("", (await KeyAsync(buying.Id))!.ReplacedBy);
    }

    [Fact]
    public async Task A_key_is_renamed_limited_switched_off_and_on()
    {
        using var owner = await portal.OwnerAsync();
        var id = (await KeyOfAsync(TextOn(await CreateAsync(owner, ("name", "Old"), ("scopes", "images:generate"), ("total_usd", "9")))))!.Id;
        var page = await owner.GetAsync($"/portal/keys/{id}");

        var renamed = await owner.SendAsync(page, $"/portal/keys/{id}/name", ("name", "New"));
        await owner.SendAsync(page, $"/portal/keys/{id}/limits", ("month_usd", "12.34"), ("requests_per_minute", "7"));
        var disabled = await owner.SendAsync(page, $"/portal/keys/{id}/switch");
        var isDisabled = (await KeyAsync(id))!.Disabled;
        var enabled = await owner.SendAsync(disabled, $"/portal/keys/{id}/switch");

        Assert.Equal("New", (await KeyAsync(id))!.Name);
        Assert.Equal(new BudgetLimits(Month: new(12_340_000), RequestsPerMinute: 7), (await BudgetAsync((await KeyAsync(id))!))!.Limits);
        Assert.Equal((true, false), (isDisabled, (await KeyAsync(id))!.Disabled));
        Assert.Contains("The key has its new name.", renamed.Html, StringComparison.Ordinal);
        Assert.Contains("The key is enabled.", enabled.Html, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("name", "name", "")]
    [InlineData("limits", "month_usd", "0")]
    [InlineData("limits", "price", "1")]
    [InlineData("rotate", "overlap_seconds", "7")]
    [InlineData("rotate", "overlap_seconds", "")]
    public async Task What_is_wrong_changes_nothing_about_a_key(string form, string field, string value)
    {
        using var owner = await portal.OwnerAsync();
        var before = (await KeyOfAsync(TextOn(await CreateAsync(owner, ("name", "Same"), ("scopes", "usage:read"), ("month_usd", "5")))))!;

        var answer = await owner.ForgeAsync($"/portal/keys/{before.Id}/{form}", (field, value));

        var after = (await KeyAsync(before.Id))!;
        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.Status);
        Assert.Equal(("Same", "", new BudgetLimits(Month: Money.Dollars(5))), (after.Name, after.ReplacedBy, (await BudgetAsync(after))!.Limits));
    }

    [Fact]
    public async Task A_rotated_key_has_a_successor_on_its_budget_and_goes_on_for_as_long_as_was_chosen()
    {
        using var owner = await portal.OwnerAsync();
        var old = TextOn(await CreateAsync(owner, ("name", "Turning"), ("scopes", "usage:read"), ("month_usd", "5")));
        var id = (await KeyOfAsync(old))!.Id;

        var made = await owner.SendAsync(await owner.GetAsync($"/portal/keys/{id}/rotate"), $"/portal/keys/{id}/rotate", ("overlap_seconds", "3600"));
        var again = await owner.ForgeAsync($"/portal/keys/{id}/rotate", ("overlap_seconds", "3600"));

        var (before, after) = ((await KeyAsync(id))!, (await KeyOfAsync(TextOn(made)))!);
        Assert.Equal((after.Id, id, "Turning"), (before.ReplacedBy, after.BudgetId, after.Name));
        Assert.InRange(before.ExpiresAt!.Value - TimeProvider.System.GetUtcNow(), TimeSpan.FromMinutes(55), TimeSpan.FromMinutes(60));
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (await BalanceWithAsync(old), await BalanceWithAsync(TextOn(made))));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, again.Status);
    }

    [Fact]
    public async Task A_revoked_key_is_dead_and_stands_among_the_revoked_ones()
    {
        using var owner = await portal.OwnerAsync();
        var text = TextOn(await CreateAsync(owner, ("name", "Doomed"), ("scopes", "usage:read")));
        var id = (await KeyOfAsync(text))!.Id;
        Assert.Equal(HttpStatusCode.OK, await BalanceWithAsync(text));

        var revoked = await owner.SendAsync(await owner.GetAsync($"/portal/keys/{id}/revoke"), $"/portal/keys/{id}/revoke");

        Assert.Contains("The key is revoked", revoked.Html, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Unauthorized, await BalanceWithAsync(text));
        Assert.Contains("No API keys yet", (await owner.GetAsync("/portal/keys")).Html, StringComparison.Ordinal);
        Assert.Contains("Doomed", (await owner.GetAsync("/portal/keys?revoked=true")).Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_accounts_key_is_not_there_and_nothing_is_done_to_it()
    {
        using var owner = await portal.OwnerAsync();
        using var stranger = await portal.OwnerAsync();
        var key = (await KeyOfAsync(TextOn(await CreateAsync(owner, ("name", "Mine"), ("scopes", "usage:read")))))!;
        var forged = new List<HttpStatusCode>();
        foreach (var (form, field, value) in ((string, string, string)[])[("name", "name", "Theirs"), ("switch", "disabled", "true"), ("limits", "month_usd", "1"), ("rotate", "overlap_seconds", "0"), ("revoke", "", "")])
        {
            forged.Add((await stranger.ForgeAsync($"/portal/keys/{key.Id}/{form}", field.Length == 0 ? [] : [(field, value)])).Status);
        }

        foreach (var page in (string[])["", "/rotate", "/revoke"]) forged.Add((await stranger.GetAsync($"/portal/keys/{key.Id}{page}")).Status);
        forged.Add((await stranger.GetAsync($"/portal/keys?after={key.Id}")).Status);

        Assert.All(forged, status => Assert.Equal(HttpStatusCode.NotFound, status));
        Assert.Equivalent(key, await KeyAsync(key.Id));
        Assert.Null(await BudgetAsync(key));
    }

    [Fact]
    public async Task A_long_list_goes_on_where_a_page_ends()
    {
        using var owner = await portal.OwnerAsync();
        for (var index = 0; index < 21; index++) (await portal.Of<CreateApiKey>().RunAsync(owner.Live, new KeyTerms([Scope.UsageRead]) { Name = $"Key number {index:D2}" }, new BudgetLimits(), Cancel)).Value();

        var first = await owner.GetAsync("/portal/keys");
        var second = await owner.GetAsync(first.Links.Single(link => link.Contains("after=", StringComparison.Ordinal)));

        Assert.Equal(21, KeyName().Matches(first.Html + second.Html).Select(match => match.Value).Distinct().Count());
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static async Task<PortalBrowser.Page> CreateAsync(PortalVisitor visitor, params (string Name, string Value)[] fields) => await visitor.SendAsync(await visitor.GetAsync("/portal/keys/new"), "/portal/keys/new", fields);

    private static string TextOn(PortalBrowser.Page page) => KeyText().Match(page.Html) is { Success: true } found ? found.Value : throw new InvalidOperationException($"{page.Status} {page.Html}");

    private static string Alert(PortalBrowser.Page page) => page.Html.Split("role=\"alert\"")[1].Split("</div>")[0];

    private async Task<ApiKey?> KeyOfAsync(string text) => await KeyAsync(ApiKeyText.Parse(text)!.KeyId);

    private Task<ApiKey?> KeyAsync(string id) => portal.Of<ApiKeyDirectory>().FindNowAsync(id, Cancel);

    private Task<Budget?> BudgetAsync(ApiKey key) => portal.Of<AccountLedger>().FindBudgetAsync(key.Partition, LedgerRows.KeyBudget(key.BudgetId), Cancel);

    private async Task<HttpStatusCode> BalanceWithAsync(string key)
    {
        using var http = new HttpClient { BaseAddress = portal.Product.Local.BaseUrl, DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", key) } };
        using var answer = await http.GetAsync(new Uri("/v1/balance", UriKind.Relative), Cancel);
        return answer.StatusCode;
    }

    [GeneratedRegex("si_(live|test)_[0-9A-Za-z]{50}", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex KeyText();

    [GeneratedRegex("Key number [0-9]{2}", RegexOptions.None, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex KeyName();
}
