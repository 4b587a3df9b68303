using System.Text.Json;
using ServerlessImages.Cli;
using ServerlessImages.Tests.Api;
using ServerlessImages.Tests.Operators;
using Desk = ServerlessImages.Tests.Operators.Desk;

namespace ServerlessImages.Tests.Cli;

/// <summary>The operator's command line against the running product.</summary>
public sealed class CliTests : IAsyncLifetime
{
    private Desk desk = null!;

    private static string Later => TimeProvider.System.GetUtcNow().AddDays(2).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);

    public async ValueTask InitializeAsync() => desk = await Desk.StartAsync();

    public ValueTask DisposeAsync() => desk.DisposeAsync();

    [Fact]
    public async Task An_operator_opens_an_account_gives_credit_and_a_key_and_takes_both_back()
    {
        var account = (await JsonAsync("accounts", "open", "Fox Studio", "--plan", "wide")).Text("id");
        var grant = await JsonAsync("grants", "add", account, "5", "--reason", "welcome", "--expires", Later);
        var key = await JsonAsync("keys", "mint", account, "--scope", "images:generate", "--scope", "usage:read");
        using var customer = new HttpClient { BaseAddress = desk.Product.Local.BaseUrl, DefaultRequestHeaders = { { "api-key", key.Text("key") } } };
        var request = (await Desk.DrawAsync(customer)).Text("id");

        var refund = await JsonAsync("grants", "refund", account, request, "--reason", "six fingers");
        var taken = await JsonAsync("grants", "take-back", account, "1.50", "--reason", "granted too much", "--idempotency-key", "undo-1");
        await JsonAsync("grants", "take-back", account, "1.50", "--reason", "granted too much", "--idempotency-key", "undo-1");
        var disabled = await JsonAsync("keys", "disable", account, key.Text("id"), "--reason", "found on GitHub");
        var enabled = await JsonAsync("keys", "enable", account, key.Text("id"), "--reason", "it was another");
        var revoked = await JsonAsync("keys", "revoke", account, key.Text("id"), "--reason", "found on GitHub");
        var shown = await RunAsync("accounts", "show", account);

        Assert.Equal(("5.000000", "0.010000", "1.500000", "revoked"), (grant.Text("amount_usd"), refund.Text("amount_usd"), taken.Text("amount_usd"), revoked.Text("status")));
        Assert.Equal(("disabled", "active"), (disabled.Text("status"), enabled.Text("status")));
        Assert.Equal(0, shown.Code);
        Assert.Matches(@"balance\.available_usd\s+3\.500000", shown.Output);
        Assert.Contains("found on GitHub", (await RunAsync("audit")).Output, StringComparison.Ordinal);
        Assert.DoesNotContain(key.Text("id"), (await RunAsync("keys", "list", account)).Output, StringComparison.Ordinal);
        Assert.Matches($@"{key.Text("id")}\s+revoked", (await RunAsync("keys", "list", account, "--revoked")).Output);
    }

    [Fact]
    public async Task A_list_is_a_table_for_people_and_an_array_for_programs()
    {
        for (var number = 0; number < 3; number++) await desk.AccountAsync($"Fox [bold]{number}[/]");

        var table = await RunAsync("accounts", "list", "--search", "fox");
        var array = await JsonAsync("accounts", "list", "--search", "fox", "--limit", "2");

        Assert.Contains("Fox [bold]1[/]", table.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("\u001b", table.Output, StringComparison.Ordinal);
        Assert.Equal((2, "account"), (array.GetArrayLength(), array[0].Text("object")));
        Assert.Equal((0, "There is nothing."), ((await RunAsync("accounts", "list", "--search", "bear")).Code, (await RunAsync("accounts", "list", "--search", "bear")).Output.Trim()));
    }

    [Fact]
    public async Task Prices_are_previewed_and_added()
    {
        var preview = await JsonAsync("prices", "preview", "gpt-image-2", "--cost", "5,8,32", "--days", "7");
        var added = await JsonAsync("prices", "add", "gpt-image-2", "--cost", "5,8,32", "--selling", "6,9,40", "--from", Later, "--source", "letter", "--reason", "new terms");
        var again = await JsonAsync("prices", "add", "gpt-image-2", "--cost", "5,8,32", "--selling", "6,9,40", "--from", Later, "--source", "letter", "--reason", "new terms");
        var listed = await RunAsync("prices", "list", "--model", "gpt-image-2");
        var wrong = await RunAsync("prices", "add", "gpt-image-2", "--cost", "5,8", "--from", Later, "--source", "letter", "--reason", "new terms");
        var missing = await RunAsync("prices", "preview", "gpt-image-2", "--cost", "@nowhere.json");
        var tooSoon = await RunAsync("prices", "add", "gpt-image-2", "--cost", "5,8,32", "--from", "2026-01-01", "--source", "letter", "--reason", "new terms");

        Assert.Equal((7, added.GetRawText()), (preview.GetProperty("days").GetInt32(), again.GetRawText()));
        Assert.Contains($"gpt-image-2@{Later}+1", listed.Output, StringComparison.Ordinal);
        Assert.Equal((ExitCode.Usage, ExitCode.Usage, ExitCode.Refused), (wrong.Code, missing.Code, tooSoon.Code));
        Assert.Contains("at the earliest", tooSoon.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Usage_is_reported_and_exported_and_goes_on_where_it_was()
    {
        var (account, customer) = await CustomerAsync();
        await Desk.DrawAsync(customer);
        var file = Path.Combine(desk.Product.Local.Options.DataFolder, "entries.jsonl");

        var report = await RunAsync("usage", "report", account, "--by", "model,key", "--bucket", "all");
        var csv = await RunAsync("usage", "report", account, "--by", "model", "--csv");
        var exported = await RunAsync("usage", "export", account, "--output", file);
        var rest = await RunAsync("usage", "export", account, "--after", "1");

        Assert.Contains(TestCatalog.FlatModel, report.Output, StringComparison.Ordinal);
        Assert.StartsWith("start,end,", csv.Output, StringComparison.Ordinal);
        Assert.Equal([1, 2], (await File.ReadAllLinesAsync(file, TestContext.Current.CancellationToken)).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("sequence").GetInt32()));
        Assert.Equal(2, JsonDocument.Parse(Assert.Single(rest.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries))).RootElement.GetProperty("sequence").GetInt32());
        Assert.Contains("Done through entry 2.", exported.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_page_of_the_desk_can_be_read()
    {
        var (account, _) = await CustomerAsync();
        foreach (var (args, found) in (IEnumerable<(string[], string)>)
        [
            (["revenue", "--by", "model"], "margin $"), (["deployments"], "headroom"), (["holds"], "There is nothing."), (["holds", "--account", account], "There is nothing."),
            (["live"], "live.requests_in_flight"), (["incidents"], "There is nothing."), (["accounts", "plan", account, "trusted", "--reason", "pays"], "trusted"),
            (["accounts", "freeze", account, "--reason", "why"], "yes"), (["accounts", "unfreeze", account, "--reason", "why"], "no"),
        ])
        {
            var run = await RunAsync(args);
            Assert.Equal((0, ""), (run.Code, run.Error));
            Assert.Contains(found, run.Output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Whoever_is_signed_in_gets_a_token_for_the_services_audience()
    {
        var ada = new SignedIn(desk.Token());
        var variables = new Dictionary<string, string> { [DeskOptions.UrlVariable] = desk.Product.Local.BaseUrl.AbsoluteUri, [DeskOptions.AudienceVariable] = OperatorDirectory.Audience };

        var run = await CliRun.RunAsync(variables, ada, "accounts", "list");
        var nobody = await CliRun.RunAsync(variables, "accounts", "list");

        Assert.Equal((0, OperatorDirectory.Audience + "/.default"), (run.Code, ada.Asked.Single()));
        Assert.Equal(ExitCode.NoAccess, nobody.Code);
        Assert.Contains("az login", nobody.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_missing_or_wrong_is_said_with_where_to_get_it_and_each_has_its_exit_code()
    {
        var url = desk.Product.Local.BaseUrl.AbsoluteUri;
        foreach (var (variables, args, code, said) in (IEnumerable<(Dictionary<string, string>, string[], int, string)>)
        [
            (new() { [DeskOptions.TokenVariable] = "t" }, ["accounts", "list"], ExitCode.Usage, DeskOptions.UrlVariable),
            (new() { [DeskOptions.TokenVariable] = "t" }, ["accounts", "list", "--url", "http://images.example.com"], ExitCode.Usage, "https://"),
            (new() { [DeskOptions.UrlVariable] = url }, ["accounts", "list"], ExitCode.Usage, DeskOptions.AudienceVariable),
            (Good(), ["grants", "add", "acct_1", "5"], ExitCode.Usage, "--reason"),
            (Good(), ["acounts", "list"], ExitCode.Usage, "--help"),
            (Good(), ["accounts", "show", "acct_nobody"], ExitCode.Refused, "account_not_found"),
            (Good(), ["books", "2020-01-01"], ExitCode.Refused, "books_not_closed"),
            (new() { [DeskOptions.UrlVariable] = url, [DeskOptions.TokenVariable] = "t" }, ["accounts", "list"], ExitCode.NoAccess, "Operator:Audience"),
            (new() { [DeskOptions.UrlVariable] = url, [DeskOptions.TokenVariable] = desk.Token("Operator.Read") }, ["accounts", "open", "Fox"], ExitCode.NoAccess, "Enterprise applications"),
            (new() { [DeskOptions.UrlVariable] = url + "nowhere/", [DeskOptions.TokenVariable] = "t" }, ["usage", "report", "acct_1", "--from", "yesterday"], ExitCode.Usage, "2026-11-23"),
        ])
        {
            var run = await CliRun.RunAsync(variables, args);
            Assert.Equal(code, run.Code);
            Assert.Contains(said, run.Error, StringComparison.Ordinal);
            Assert.Equal("", run.Output);
        }
    }

    [Fact]
    public async Task A_service_that_does_not_answer_is_asked_three_times_and_the_key_to_send_it_again_is_said()
    {
        using var closed = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        closed.Start();
        var port = ((System.Net.IPEndPoint)closed.LocalEndpoint).Port;
        closed.Stop();

        var run = await CliRun.RunAsync(new Dictionary<string, string> { [DeskOptions.UrlVariable] = $"http://127.0.0.1:{port}", [DeskOptions.TokenVariable] = "t" }, "grants", "add", "acct_1", "5", "--reason", "welcome");

        Assert.Equal(ExitCode.Unavailable, run.Code);
        Assert.Matches("--idempotency-key cli-[0-9a-f]{32}", run.Error);
    }

    private async Task<(string Account, HttpClient Customer)> CustomerAsync()
    {
        var account = await desk.AccountAsync();
        await desk.DoAsync(HttpMethod.Post, $"/operator/v1/accounts/{account}/grants", new { amount_usd = "5", reason = "welcome" });
        return (account, (await desk.KeyAsync(account)).Http);
    }

    private Dictionary<string, string> Good() => new() { [DeskOptions.UrlVariable] = desk.Product.Local.BaseUrl.AbsoluteUri, [DeskOptions.TokenVariable] = desk.Token() };

    private Task<CliRun> RunAsync(params string[] args) => CliRun.RunAsync(Good(), args);

    private async Task<JsonElement> JsonAsync(params string[] args)
    {
        var run = await RunAsync([.. args, "--json"]);
        Assert.Equal((0, ""), (run.Code, run.Error));
        return JsonDocument.Parse(run.Output).RootElement;
    }
}
