using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using ServerlessImages.Accounts;
using ServerlessImages.Images;
using ServerlessImages.Keys;
using ServerlessImages.Ledger;
using ServerlessImages.Members;
using ServerlessImages.Tests.Api;

namespace ServerlessImages.Tests.Portal;

/// <summary>An owner closes the account in the portal, and takes along what is theirs.</summary>
public sealed class ClosingPagesTests(PortalFixture portal) : IClassFixture<PortalFixture>
{
    [Fact]
    public async Task Closing_takes_the_accounts_name_and_ends_everything()
    {
        using var owner = await portal.OwnerAsync();
        var (key, request) = await DrawAsync(owner);
        var name = (await AccountAsync(owner)).Name;

        var closed = await owner.SendAsync(await owner.GetAsync("/portal/close"), "/portal/close", ("name", name));

        using var http = WithKey(key);
        using var refused = await http.GetAsync(new Uri($"/v1/requests/{request}", UriKind.Relative), Cancel);
        Assert.Contains("The account is closed", closed.Html, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        Assert.NotNull((await AccountAsync(owner)).ClosedAt);
        Assert.Null(await portal.Of<ImageResults>().FindAsync(owner.Live, request, Cancel));
        Assert.Equal("/portal/sign-in", (await owner.GetAsync("/portal")).Path);
    }

    [Theory]
    [InlineData("name", "")]
    [InlineData("name", "something else")]
    [InlineData("surprise", "1")]
    public async Task Any_other_word_leaves_it_open(string field, string value)
    {
        using var owner = await portal.OwnerAsync();

        var answer = await owner.SendAsync(await owner.GetAsync("/portal/close"), "/portal/close", (field, value));

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.Status);
        Assert.Null((await AccountAsync(owner)).ClosedAt);
        Assert.Equal(StopReasons.None, (await owner.BalanceAsync()).Stops);
        Assert.Equal("/portal", (await owner.GetAsync("/portal")).Path);
    }

    [Fact]
    public async Task Whoever_was_a_member_sees_that_it_is_closed_and_goes_on_in_another()
    {
        using var owner = await portal.OwnerAsync();
        using var developer = await portal.MemberAsync(owner.Account, MemberRole.Developer);
        await owner.SendAsync(await owner.GetAsync("/portal/close"), "/portal/close", ("name", (await AccountAsync(owner)).Name));

        var seen = await developer.GetAsync("/portal/keys");
        var next = await developer.GetAsync(seen.Links.Single(link => link == "/portal/accounts"));

        Assert.Equal(("/portal/closed", "/portal"), (seen.Path, next.Path));
        Assert.Contains("An owner closed it", seen.Html, StringComparison.Ordinal);
        Assert.DoesNotContain(owner.Account, next.Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_but_an_owner_closes_or_exports()
    {
        using var owner = await portal.OwnerAsync();
        using var developer = await portal.MemberAsync(owner.Account, MemberRole.Developer);

        var statuses = new[] { (await developer.ForgeAsync("/portal/close", ("name", (await AccountAsync(owner)).Name))).Status, (await developer.GetAsync("/portal/close")).Status, (await developer.GetAsync("/portal/close/export")).Status };

        Assert.All(statuses, status => Assert.Equal(HttpStatusCode.Forbidden, status));
        Assert.Null((await AccountAsync(owner)).ClosedAt);
    }

    [Fact]
    public async Task The_export_has_every_entry_with_its_heads_every_receipt_and_no_secret()
    {
        using var owner = await portal.OwnerAsync();
        using var stranger = await portal.OwnerAsync();
        await DrawAsync(stranger);
        var (key, request) = await DrawAsync(owner);
        for (var index = 0; index < 230; index++) await portal.Of<AccountLedger>().GrantAsync(owner.Live, $"gift_{index}", new(1));

        using var zip = await ExportAsync(owner);
        var (lines, csv, balance) = (await LinesAsync(zip, "entries.jsonl"), await LinesAsync(zip, "entries.csv"), await owner.BalanceAsync());
        var entries = lines.Select(line => JsonSerializer.Deserialize<JsonElement>(line)).ToArray();
        var receipts = await LinesAsync(zip, "receipts.jws.txt");

        Assert.Equal(Enumerable.Range(1, (int)balance.Sequence), entries.Select(entry => entry.GetProperty("sequence").GetInt32()));
        Assert.Equal(entries.Skip(1).Select(entry => entry.Text("previous")), entries.SkipLast(1).Select(entry => entry.Text("head")));
        Assert.Equal(balance.Head, entries[^1].Text("head"));
        Assert.Contains(balance.Head, string.Concat(await LinesAsync(zip, "README.txt")), StringComparison.Ordinal);
        Assert.Equal(balance.Sequence + 1, csv.Length);
        Assert.Equal(request, Payload(Assert.Single(receipts)).Text("request_id"));
        var all = string.Concat((await Task.WhenAll(zip.Entries.Select(entry => LinesAsync(zip, entry.Name)))).SelectMany(each => each));
        Assert.Contains(ApiKeyText.Parse(key)!.KeyId, all, StringComparison.Ordinal);
        Assert.DoesNotContain(key, all, StringComparison.Ordinal);
        Assert.DoesNotContain(stranger.Account, all, StringComparison.Ordinal);
        Assert.DoesNotContain("upstream_cost", all, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task The_page_says_how_much_goes_back()
    {
        using var owner = await portal.OwnerAsync();
        await portal.Of<AccountLedger>().GrantAsync(owner.Live, "gift", Money.Dollars(5));

        Assert.Contains("What was given to you is not paid back.", (await owner.GetAsync("/portal/close")).Html, StringComparison.Ordinal);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private async Task<Account> AccountAsync(PortalVisitor visitor) => (await portal.Of<AccountDirectory>().FindAsync(visitor.Account, Cancel))!;

    private HttpClient WithKey(string key) => new() { BaseAddress = portal.Product.Local.BaseUrl, DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", key) } };

    /// <summary>An image that was paid for, and the key that bought it.</summary>
    private async Task<(string Key, string Request)> DrawAsync(PortalVisitor visitor)
    {
        await portal.Of<AccountLedger>().GrantAsync(visitor.Live, "grant", Money.Dollars(5));
        var minted = (await portal.Of<CreateApiKey>().RunAsync(visitor.Live, new KeyTerms([Scope.ImagesGenerate, Scope.UsageRead]) { Name = "Web shop" }, new BudgetLimits(), Cancel)).Value();
        using var http = WithKey(minted.Text.Text);
        using var answer = await http.PostAsJsonAsync("/v1/images/generations", new { model = "gpt-image-2", prompt = "a red fox", size = "1024x1024", quality = "low" }, Cancel);
        return (minted.Text.Text, (await answer.JsonAsync()).Text("id"));
    }

    private static async Task<ZipArchive> ExportAsync(PortalVisitor visitor)
    {
        using var answer = await visitor.Http.GetAsync(new Uri("/portal/close/export", UriKind.Relative), Cancel);
        Assert.Equal(("application/zip", $"attachment; filename=\"{visitor.Account}.zip\""), (answer.Content.Headers.ContentType!.MediaType, answer.Content.Headers.ContentDisposition!.ToString()));
        return new ZipArchive(new MemoryStream(await answer.Content.ReadAsByteArrayAsync(Cancel)));
    }

    private static async Task<string[]> LinesAsync(ZipArchive zip, string name)
    {
        await using var stream = await zip.GetEntry(name)!.OpenAsync(Cancel);
        using var reader = new StreamReader(stream);
        return (await reader.ReadToEndAsync(Cancel)).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }

    private static JsonElement Payload(string jws) => JsonSerializer.Deserialize<JsonElement>(System.Buffers.Text.Base64Url.DecodeFromChars(jws.Split('.')[1]));
}
