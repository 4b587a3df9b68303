using System.Net;
using ServerlessImages.Images;
using ServerlessImages.Keys;

namespace ServerlessImages.Tests.Api;

/// <summary>How answers are kept, fetched, listed and deleted.</summary>
public sealed class ResultTests : IAsyncLifetime
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
    public async Task A_signed_address_gives_the_image_without_a_key()
    {
        using var response = await customer.GenerateAsync(new { model = "gpt-image-2", prompt = "two foxes", n = 2, size = "1024x1024", quality = "low", response_format = "url" });
        var json = await response.JsonAsync();
        using var anyone = new HttpClient();

        foreach (var (index, item) in json.GetProperty("data").EnumerateArray().Index())
        {
            using var image = await anyone.GetAsync(new Uri(item.Text("url")), TestContext.Current.CancellationToken);
            var bytes = await image.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
            Assert.True(ImageHeader.TryRead(bytes, out _));
            Assert.Equal(("image/png", $"inline; filename=\"{json.Text("id")}_{index}.png\""), (image.Content.Headers.ContentType!.ToString(), image.Content.Headers.GetValues("Content-Disposition").Single()));
            Assert.Equal(StoredImage.Of(bytes).Sha256, (await customer.RequestAsync(json.Text("id"))).GetProperty("images")[index].Text("sha256"));
        }
    }

    [Fact]
    public async Task An_address_that_was_changed_leads_nowhere()
    {
        using var response = await customer.GenerateAsync(new { model = "gpt-image-2", prompt = "a fox", size = "1024x1024", quality = "low", response_format = "url" });
        var url = (await response.JsonAsync()).GetProperty("data")[0].Text("url");
        using var anyone = new HttpClient();

        foreach (var wrong in new[] { url[..^1] + (url[^1] == '0' ? '1' : '0'), url[..^70], product.Local.BaseUrl + "f/nonsense", product.Local.BaseUrl + "f/a.b" })
        {
            using var image = await anyone.GetAsync(new Uri(wrong), TestContext.Current.CancellationToken);
            await image.AssertErrorAsync(HttpStatusCode.NotFound, "url_not_valid");
        }
    }

    [Fact]
    public async Task A_deleted_result_is_gone_for_good_and_its_charge_stands()
    {
        using var first = await SendAsync("key-1");
        var id = first.Header("x-request-id");
        var before = await customer.BalanceAsync();

        using var deleted = await customer.Http.DeleteAsync(new Uri($"/v1/requests/{id}", UriKind.Relative), TestContext.Current.CancellationToken);
        using var again = await customer.Http.DeleteAsync(new Uri($"/v1/requests/{id}", UriKind.Relative), TestContext.Current.CancellationToken);
        using var content = await customer.Http.GetAsync(new Uri($"/v1/requests/{id}/content", UriKind.Relative), TestContext.Current.CancellationToken);
        using var replay = await SendAsync("key-1");

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (deleted.StatusCode, again.StatusCode));
        await content.AssertErrorAsync(HttpStatusCode.Gone, "result_deleted");
        await replay.AssertErrorAsync(HttpStatusCode.Gone, "result_deleted");
        Assert.Equal(before, await customer.BalanceAsync());
        Assert.Single(await customer.RowsAsync("D"));
        Assert.Equal(("succeeded", 0), ((await customer.RequestAsync(id)).Text("status"), (await customer.RequestAsync(id)).GetProperty("images").GetArrayLength()));
    }

    [Fact]
    public async Task What_is_not_to_be_stored_is_deleted_when_it_has_been_written_out()
    {
        using var response = await customer.GenerateAsync(new { model = "gpt-image-2", prompt = "a fox", size = "1024x1024", quality = "low", store = false });
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        while ((await customer.RowsAsync("D")).Count == 0) await Task.Delay(10, TestContext.Current.CancellationToken);

        using var content = await customer.Http.GetAsync(new Uri($"/v1/requests/{response.Header("x-request-id")}/content", UriKind.Relative), TestContext.Current.CancellationToken);

        await content.AssertErrorAsync(HttpStatusCode.Gone, "result_deleted");
    }

    [Fact]
    public async Task Results_are_kept_for_72_hours_or_until_deleted_where_asked()
    {
        var clock = Sample.Clock();
        var fixture = new Ledger.LedgerFixture();
        await fixture.GrantAsync(100);
        var kept = new ImageResults(fixture.Blobs, clock);
        var entry = (await fixture.SettleAsync(await fixture.HoldAsync("req_1", 10), 5)).Value();
        var result = new ImageResult(Sample.Now, new(1, 1), ImageQuality.Low, ImageBackground.Opaque, ImageFormat.Png, null, new(5), new(new(10), "v"), Money.Zero, "d", [new("", 1)]);
        await kept.StoreAsync(Sample.Partition, "req_1", result, [new byte[1]], TestContext.Current.CancellationToken);
        var forever = entry with { Request = entry.Request! with { Summary = entry.Request.Summary with { Retention = "kept" } } };

        clock.Advance(TimeSpan.FromHours(72) - TimeSpan.FromSeconds(1));
        Assert.NotNull(await kept.FindKeptAsync(Sample.Partition, entry, TestContext.Current.CancellationToken));
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(await kept.FindKeptAsync(Sample.Partition, entry, TestContext.Current.CancellationToken));
        Assert.NotNull(await kept.FindKeptAsync(Sample.Partition, forever, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task The_list_is_newest_first_in_pages_without_grants_or_other_accounts()
    {
        var other = await product.CustomerAsync();
        using var foreign = await other.GenerateAsync("not mine");
        var ids = new List<string>();
        for (var number = 0; number < 5; number++)
        {
            using var made = await customer.GenerateAsync($"fox {number}" + (number == 2 ? " [500]" : ""));
            ids.Insert(0, made.Header("x-request-id"));
            await product.Ledger.GrantAsync(customer.Partition, $"grant_{number}", new(1));
        }

        var seen = new List<string>();
        var after = "";
        while (true)
        {
            using var response = await customer.Http.GetAsync(new Uri($"/v1/requests?limit=2{after}", UriKind.Relative), TestContext.Current.CancellationToken);
            var page = await response.JsonAsync();
            seen.AddRange(page.GetProperty("data").EnumerateArray().Select(each => each.Text("id")));
            if (!page.GetProperty("has_more").GetBoolean()) break;
            after = "&after=" + page.Text("next_cursor");
        }

        Assert.Equal(ids, seen);
    }

    [Fact]
    public async Task A_running_request_is_listed_first()
    {
        using var done = await customer.GenerateAsync("a fox");
        var running = customer.GenerateAsync("a slow fox [slow:800]");
        while (product.Local.Emulator.Calls < 2) await Task.Delay(5, TestContext.Current.CancellationToken);

        using var response = await customer.Http.GetAsync(new Uri("/v1/requests", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal(["running", "succeeded"], (await response.JsonAsync()).GetProperty("data").EnumerateArray().Select(each => each.Text("status")));
        (await running).Dispose();
    }

    [Theory]
    [InlineData("limit=0", "invalid_value", HttpStatusCode.BadRequest)]
    [InlineData("limit=101", "invalid_value", HttpStatusCode.BadRequest)]
    [InlineData("after=req_0", "request_not_found", HttpStatusCode.NotFound)]
    public async Task A_page_that_cannot_be_is_refused(string query, string code, HttpStatusCode status)
    {
        using var response = await customer.Http.GetAsync(new Uri("/v1/requests?" + query, UriKind.Relative), TestContext.Current.CancellationToken);

        await response.AssertErrorAsync(status, code);
    }

    [Fact]
    public async Task A_key_that_may_only_draw_sees_what_it_drew_and_no_more()
    {
        var drawer = await product.CustomerAsync(scopes: Scope.ImagesGenerate);
        using var mine = await drawer.GenerateAsync("a fox");
        using var list = await drawer.Http.GetAsync(new Uri("/v1/requests", UriKind.Relative), TestContext.Current.CancellationToken);

        Assert.Equal("succeeded", (await drawer.RequestAsync(mine.Header("x-request-id"))).Text("status"));
        await list.AssertErrorAsync(HttpStatusCode.Forbidden, "missing_scope");
    }

    [Fact]
    public async Task Tags_and_end_user_are_recorded_with_the_charge()
    {
        using var response = await customer.GenerateAsync(new { model = "gpt-image-2", prompt = "a fox", size = "1024x1024", quality = "low", tags = new { project = "zoo", a = "1" }, end_user = "alice" });

        var row = Assert.Single(await customer.RowsAsync("L"));
        Assert.Equal(("""{"a":"1","project":"zoo"}""", "alice"), (row.Columns.Text("Tags"), row.Columns.Text("EndUser")));
    }

    [Theory]
    [InlineData("16:9", "1K", "1360x768")]
    [InlineData("16:9", "4K", "3840x2160")]
    [InlineData("1:1", null, "1024x1024")]
    [InlineData("9:16", "2K", "1536x2736")]
    public async Task A_shape_becomes_a_size(string aspectRatio, string? resolution, string size)
    {
        using var quote = await customer.Http.SendAsync(
            new HttpRequestMessage(HttpMethod.Post, "/v1/images/generations") { Content = System.Net.Http.Json.JsonContent.Create(new { model = "gpt-image-2", prompt = "a fox", quality = "low", aspect_ratio = aspectRatio, resolution }) },
            TestContext.Current.CancellationToken);

        Assert.Equal(size, (await quote.JsonAsync()).Text("size"));
    }

    [Theory]
    [InlineData("/v1", false)]
    [InlineData("/openai/v1", true)]
    [InlineData("/openai/v1", false)]
    [InlineData("/openai/deployments/gpt-image-2", true)]
    [InlineData("/deployments/gpt-image-2", true)]
    public async Task Every_prefix_leads_to_the_same_handler(string prefix, bool withVersion)
    {
        var path = $"{prefix}/images/generations{(withVersion ? "?api-version=2025-04-01-preview" : "")}";
        using var response = await customer.Http.SendAsync(
            new HttpRequestMessage(HttpMethod.Post, path) { Content = System.Net.Http.Json.JsonContent.Create(prefix.EndsWith("v1", StringComparison.Ordinal) ? new { model = "gpt-image-2", prompt = "a fox", size = "1024x1024", quality = "low" } : (object)new { prompt = "a fox", size = "1024x1024", quality = "low" }) },
            TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("gpt-image-2", (await customer.RequestAsync(response.Header("x-request-id"))).Text("model"));
    }

    private async Task<HttpResponseMessage> SendAsync(string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/images/generations") { Content = System.Net.Http.Json.JsonContent.Create(new { model = "gpt-image-2", prompt = "a fox", size = "1024x1024", quality = "low" }) };
        request.Headers.Add("Idempotency-Key", key);
        return await customer.Http.SendAsync(request, TestContext.Current.CancellationToken);
    }
}
