using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ServerlessImages.Keys;

namespace ServerlessImages.Tests.Api;

/// <summary>An account's usage over HTTP: added up as JSON and CSV, and entry by entry.</summary>
public sealed class UsageTests : IAsyncLifetime
{
    private Product product = null!;
    private Customer customer = null!;

    public async ValueTask InitializeAsync()
    {
        product = await Product.StartAsync();
        customer = await product.CustomerAsync();
    }

    public ValueTask DisposeAsync() => product.DisposeAsync();

    [Fact]
    public async Task What_was_drawn_is_in_the_next_report_to_the_micro_dollar()
    {
        await DrawAsync("bob@example.com", "red");
        await DrawAsync("bob@example.com", "red");
        await DrawAsync("eve@example.com", null);
        using var failed = await customer.GenerateAsync("a red fox [moderated]");

        var report = await GetAsync("/v1/usage?group_by=end_user,tag:team,key&bucket=all");

        var balance = await customer.BalanceAsync();
        var lines = report.GetProperty("data").EnumerateArray().ToArray();
        Assert.Equal(balance.Settled, report.Money("total", "amount_usd"));
        Assert.Equal((3, balance.Sequence), (report.GetProperty("total").GetProperty("requests").GetInt64(), report.GetProperty("through_sequence").GetInt64()));
        Assert.Equal([("bob@example.com", "red", 2L), ("eve@example.com", null, 1L)], lines.Select(line => (line.Text("end_user"), line.GetProperty("tags").GetProperty("team").GetString(), line.GetProperty("images").GetInt64())));
        Assert.All(lines, line => Assert.Equal(customer.Key[8..20], line.Text("key_id")));
        Assert.Equal(["end_user", "tag:team", "key"], report.GetProperty("group_by").EnumerateArray().Select(each => each.GetString()!));
    }

    [Fact]
    public async Task Times_are_snapped_to_whole_hours_and_the_answer_says_so()
    {
        var report = await GetAsync("/v1/usage?from=3601&to=7201&bucket=hour");

        Assert.Equal((3_600, 10_800, "hour"), (report.GetProperty("from").GetInt64(), report.GetProperty("to").GetInt64(), report.Text("bucket")));
        Assert.Empty(report.GetProperty("data").EnumerateArray());
    }

    [Fact]
    public async Task Filters_and_the_default_range_find_what_was_just_drawn()
    {
        await DrawAsync("bob@example.com", "red");
        await DrawAsync("", "blue");

        Assert.Equal(1, await RequestsAsync("end_user=bob%40example.com"));
        Assert.Equal(1, await RequestsAsync("end_user="));
        Assert.Equal(1, await RequestsAsync("tag.team=blue&model=gpt-image-2"));
        Assert.Equal(2, await RequestsAsync($"quality=low&key_id={customer.Key[8..20]}&api-version=2025-04-01"));
        Assert.Equal(0, await RequestsAsync("tag.team=blue&end_user=bob%40example.com"));

        async Task<long> RequestsAsync(string query) => (await GetAsync("/v1/usage?" + query)).GetProperty("total").GetProperty("requests").GetInt64();
    }

    [Fact]
    public async Task CSV_quotes_what_needs_it_and_runs_no_formula()
    {
        await DrawAsync("=HYPERLINK(\"http://evil.example\",\"x\")", "a, \"b\"");
        await DrawAsync("+1", "two\nlines");
        await DrawAsync("plain", "-5");

        using var response = await customer.Http.GetAsync(new Uri("/v1/usage?bucket=all&from=0&to=32503680000&group_by=end_user,tag:team&format=csv", UriKind.Relative), TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        var amounts = (await GetAsync("/v1/usage?bucket=all&group_by=end_user")).GetProperty("data").EnumerateArray().Select(line => line.Text("amount_usd")).ToArray();

        Assert.Equal(("text/csv", "attachment", "usage-1970010100-3000010100.csv"), (response.Content.Headers.ContentType!.MediaType, response.Content.Headers.ContentDisposition!.DispositionType, response.Content.Headers.ContentDisposition.FileName!.Trim('"')));
        Assert.StartsWith("start,end,end_user,tag:team,requests,images,text_input_tokens,image_input_tokens,output_tokens,amount_usd\r\n", text, StringComparison.Ordinal);
        Assert.Contains($"1970-01-01T00:00:00Z,3000-01-01T00:00:00Z,'+1,\"two\nlines\",1,1,", text, StringComparison.Ordinal);
        Assert.Contains(",\"'=HYPERLINK(\"\"http://evil.example\"\",\"\"x\"\")\",\"a, \"\"b\"\"\",1,1,", text, StringComparison.Ordinal);
        Assert.Contains(",plain,'-5,1,1,", text, StringComparison.Ordinal);
        Assert.Equal(3, amounts.Length);
        Assert.All(amounts, amount => Assert.Contains($",{amount}\r\n", text, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("", "text/csv", "text/csv")]
    [InlineData("", "*/*", "application/json")]
    [InlineData("?format=json", "text/csv", "application/json")]
    [InlineData("?format=csv", "application/json", "text/csv")]
    public async Task The_form_is_what_was_asked_for_and_format_goes_first(string query, string accept, string expected)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri("/v1/usage" + query, UriKind.Relative)) { Headers = { { "Accept", accept } } };
        using var response = await customer.Http.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal((expected, "Accept"), (response.Content.Headers.ContentType!.MediaType, response.Header("Vary")));
    }

    [Theory]
    [InlineData("usage?day=1", "unknown_parameter", "day")]
    [InlineData("usage?Bucket=day", "unknown_parameter", "Bucket")]
    [InlineData("usage?bucket=week", "invalid_value", "bucket")]
    [InlineData("usage?bucket=day&bucket=hour", "invalid_value", "bucket")]
    [InlineData("usage?from=yesterday", "invalid_value", "from")]
    [InlineData("usage?from=7200&to=7200", "invalid_value", "from")]
    [InlineData("usage?to=99999999999999", "invalid_value", "to")]
    [InlineData("usage?group_by=prompt", "invalid_value", "group_by")]
    [InlineData("usage?group_by=", "invalid_value", "group_by")]
    [InlineData("usage?group_by=tag:", "invalid_value", "group_by")]
    [InlineData("usage?group_by=model,model", "invalid_value", "group_by")]
    [InlineData("usage?format=xml", "invalid_value", "format")]
    [InlineData("usage?from=0&bucket=hour", "usage_too_large", null)]
    [InlineData("usage/events?before=1", "unknown_parameter", "before")]
    [InlineData("usage/events?limit=101", "invalid_value", "limit")]
    [InlineData("usage/events?after=-1", "invalid_value", "after")]
    [InlineData("usage/events?after=1000", "invalid_value", "after")]
    public async Task What_is_no_question_is_refused_by_name(string path, string code, string? param)
    {
        using var response = await customer.Http.GetAsync(new Uri("/v1/" + path, UriKind.Relative), TestContext.Current.CancellationToken);

        Assert.Equal(param, (await response.AssertErrorAsync(HttpStatusCode.BadRequest, code)).Text("param"));
    }

    [Fact]
    public async Task Entries_come_oldest_first_and_their_pages_prove_themselves()
    {
        await DrawAsync("bob@example.com", "red");
        using var failed = await customer.GenerateAsync("a red fox [moderated]");
        await DrawAsync("", null);

        var first = await GetAsync("/v1/usage/events?limit=2");
        var second = await GetAsync($"/v1/usage/events?limit=2&after={first.Text("next_cursor")}");
        var none = await GetAsync($"/v1/usage/events?after={second.Text("next_cursor")}");

        var events = first.GetProperty("data").EnumerateArray().Concat(second.GetProperty("data").EnumerateArray()).ToArray();
        Assert.Equal([(1, "grant"), (2, "settle"), (3, "void"), (4, "settle")], events.Select(each => (each.GetProperty("sequence").GetInt32(), each.Text("type"))));
        Assert.Equal(("bob@example.com", "red", "low", customer.Key[8..20]), (events[1].Text("end_user"), events[1].Text("tags", "team"), events[1].Text("quality"), events[1].Text("key_id")));
        Assert.Equal((await customer.BalanceAsync()).Settled, events[1].Money("amount_usd") + events[3].Money("amount_usd"));
        Assert.Equal((true, false, false), (HasMore(first), HasMore(second), HasMore(none)));
        Assert.Equal(("2", "4", "4"), (first.Text("next_cursor"), second.Text("next_cursor"), none.Text("next_cursor")));
        Assert.Equal((first.Text("head_after"), second.Text("head_after")), (second.Text("head_before"), none.Text("head_before")));
        Assert.Equal((await customer.BalanceAsync()).Head, second.Text("head_after"));
        Assert.All((JsonElement[])[first, second, none], AssertProvesItself);
    }

    [Fact]
    public async Task Another_accounts_usage_is_not_seen()
    {
        await DrawAsync("bob@example.com", "red");
        await GetAsync("/v1/usage");
        var other = await product.CustomerAsync(micros: 0);

        using var report = await other.Http.GetAsync(new Uri("/v1/usage", UriKind.Relative), TestContext.Current.CancellationToken);
        using var events = await other.Http.GetAsync(new Uri("/v1/usage/events", UriKind.Relative), TestContext.Current.CancellationToken);

        Assert.Equal((0, 0), ((await report.JsonAsync()).GetProperty("data").GetArrayLength(), (await events.JsonAsync()).GetProperty("data").GetArrayLength()));
    }

    [Theory]
    [InlineData("/v1/usage")]
    [InlineData("/v1/usage/events")]
    public async Task A_key_that_may_only_draw_does_not_see_it(string path)
    {
        var drawer = await product.CustomerAsync(5_000_000, "wide", Scope.ImagesGenerate);
        using var response = await drawer.Http.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);

        await response.AssertErrorAsync(HttpStatusCode.Forbidden, "missing_scope");
    }

    private static void AssertProvesItself(JsonElement page)
    {
        var head = page.Text("head_before");
        var heads = new StringBuilder();
        foreach (var each in page.GetProperty("data").EnumerateArray())
        {
            Assert.Equal(head, each.Text("previous"));
            head = each.Text("head");
            heads.Append(head);
        }

        Assert.Equal((head, Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(heads.ToString())))), (page.Text("head_after"), page.Text("checksum")));
    }

    private static bool HasMore(JsonElement page) => page.GetProperty("has_more").GetBoolean();

    private async Task DrawAsync(string endUser, string? team)
    {
        var body = new Dictionary<string, object> { ["model"] = "gpt-image-2", ["prompt"] = "a red fox", ["size"] = "1024x1024", ["quality"] = "low" };
        if (endUser.Length > 0) body["end_user"] = endUser;
        if (team is not null) body["tags"] = new Dictionary<string, string> { ["team"] = team };
        using var response = await customer.GenerateAsync(body);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    private async Task<JsonElement> GetAsync(string path)
    {
        using var response = await customer.Http.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await response.JsonAsync();
    }
}
