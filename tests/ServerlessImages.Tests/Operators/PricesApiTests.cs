using System.Net;
using ServerlessImages.Tests.Api;

namespace ServerlessImages.Tests.Operators;

/// <summary><c>/operator/v1/prices</c>.</summary>
public sealed class PricesApiTests : IAsyncLifetime
{
    private const string Prices = "/operator/v1/prices";
    private static readonly object Dearer = new { per_image_usd = new Dictionary<string, object> { ["1024x1024"] = new { low = "0.03" } } };
    private Desk desk = null!;

    private static string Later => TimeProvider.System.GetUtcNow().AddDays(2).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);

    public async ValueTask InitializeAsync() => desk = await Desk.StartAsync();

    public ValueTask DisposeAsync() => desk.DisposeAsync();

    [Fact]
    public async Task A_price_for_later_is_listed_as_coming_and_logged_with_what_was_before()
    {
        var added = await desk.DoAsync(HttpMethod.Post, Prices, new { model = TestCatalog.FlatModel, effective_from = Later, source = "supplier's letter", cost = Dearer, reason = "the supplier wants more" });
        var listed = (await desk.GetAsync(Prices)).GetProperty("data").EnumerateArray().Where(price => price.Text("model") == TestCatalog.FlatModel).ToArray();
        var act = (await desk.GetAsync("/operator/v1/audit")).GetProperty("data")[0];

        Assert.Equal(($"{TestCatalog.FlatModel}@{Later}+1", "coming", "operator"), (added.Text("version"), added.Text("state"), added.Text("origin")));
        Assert.Equal([("coming", "operator"), ("in_force", "file")], listed.Select(price => (price.Text("state"), price.Text("origin"))));
        Assert.Equal("""{"per_image_usd":{"1024x1024":{"low":"0.030000"}}}""", listed[0].GetProperty("cost").GetRawText());
        Assert.Equal(("add_price", "flat@1: cost {\"per_image_usd\":{\"1024x1024\":{\"low\":\"0.010000\"}}}, selling with markup", "the supplier wants more"), (act.Text("act"), act.Text("before"), act.Text("reason")));
    }

    [Fact]
    public async Task A_preview_says_what_past_usage_would_have_brought_and_changes_nothing()
    {
        var account = await desk.AccountAsync();
        await desk.DoAsync(HttpMethod.Post, $"/operator/v1/accounts/{account}/grants", new { amount_usd = "5", reason = "welcome" });
        using var customer = (await desk.KeyAsync(account)).Http;
        await Desk.DrawAsync(customer);
        await Desk.DrawAsync(customer);

        var preview = await desk.DoAsync(HttpMethod.Post, Prices + "/preview", new { model = TestCatalog.FlatModel, cost = Dearer, selling = new { per_image_usd = new Dictionary<string, object> { ["1024x1024"] = new { low = "0.05" } } }, days = 7 });

        Assert.Equal(("0.020000", "0.020000", "0.100000", "0.040000", "0.080000"), (preview.Text("actual", "charged_usd"), preview.Text("at_current_price", "charged_usd"), preview.Text("at_new_price", "charged_usd"), preview.Text("at_new_price", "margin_usd"), preview.Text("change_usd")));
        Assert.Equal((7, 1, true), (preview.GetProperty("days").GetInt32(), preview.GetProperty("accounts").GetInt32(), preview.GetProperty("is_complete").GetBoolean()));
        Assert.DoesNotContain("+1", (await desk.GetAsync(Prices)).GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_preview_of_token_prices_takes_the_markup_of_each_accounts_plan()
    {
        var account = await desk.AccountAsync(plan: "standard");
        await desk.DoAsync(HttpMethod.Post, $"/operator/v1/accounts/{account}/grants", new { amount_usd = "5", reason = "welcome" });
        using var customer = (await desk.KeyAsync(account)).Http;
        using var image = await customer.PostAsync(new Uri("/v1/images/generations", UriKind.Relative), new StringContent("""{"model":"gpt-image-2","prompt":"a fox","size":"1024x1024","quality":"low"}""", System.Text.Encoding.UTF8, "application/json"), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, image.StatusCode);

        var preview = await desk.DoAsync(HttpMethod.Post, Prices + "/preview", new { model = "gpt-image-2", cost = new { per_million_tokens_usd = new { text_input = "5", image_input = "8", output = "30" } } });

        Assert.Equal(preview.GetProperty("at_current_price").GetRawText(), preview.GetProperty("at_new_price").GetRawText());
        Assert.Equal(preview.Text("actual", "charged_usd"), preview.Text("at_new_price", "charged_usd"));
        Assert.True(preview.Money("at_new_price", "margin_usd") > Money.Zero);
    }

    [Fact]
    public async Task What_is_wrong_is_named_and_no_price_is_added()
    {
        var today = TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);
        var zero = new { per_image_usd = new Dictionary<string, object> { ["1024x1024"] = new { low = "0" } } };
        foreach (var (path, body, code) in (IEnumerable<(string, object, string)>)
        [
            (Prices, new { model = TestCatalog.FlatModel, effective_from = today, source = "s", cost = Dearer, reason = "r" }, "price_too_soon"),
            (Prices, new { model = "dall-e-3", effective_from = Later, source = "s", cost = Dearer, reason = "r" }, "invalid_value"),
            (Prices, new { model = TestCatalog.FlatModel + "-alias", effective_from = Later, source = "s", cost = Dearer, reason = "r" }, "invalid_value"),
            (Prices, new { model = TestCatalog.FlatModel, effective_from = "tomorrow", source = "s", cost = Dearer, reason = "r" }, "invalid_value"),
            (Prices, new { model = TestCatalog.FlatModel, effective_from = Later, source = "s", cost = zero, reason = "r" }, "invalid_value"),
            (Prices, new { model = TestCatalog.FlatModel, effective_from = Later, source = "s", cost = "free", reason = "r" }, "invalid_value"),
            (Prices, new { model = TestCatalog.FlatModel, effective_from = Later, source = "s", cost = Dearer, selling = zero, reason = "r" }, "invalid_value"),
            (Prices, new { model = TestCatalog.FlatModel, effective_from = Later, source = "s", cost = Dearer }, "missing_required_parameter"),
            (Prices, new { model = TestCatalog.FlatModel, effective_from = Later, source = "s", reason = "r" }, "missing_required_parameter"),
            (Prices, new { model = TestCatalog.FlatModel, effective_from = Later, cost = Dearer, reason = "r" }, "missing_required_parameter"),
            (Prices, new { model = TestCatalog.FlatModel, source = "s", cost = Dearer, reason = "r" }, "missing_required_parameter"),
            (Prices + "/preview", new { model = TestCatalog.FlatModel }, "missing_required_parameter"),
            (Prices + "/preview", new { cost = Dearer }, "missing_required_parameter"),
            (Prices + "/preview", new { model = TestCatalog.FlatModel, cost = Dearer, days = 91 }, "invalid_value"),
        ])
        {
            await desk.AssertRefusedAsync(HttpMethod.Post, path, body, HttpStatusCode.BadRequest, code);
        }

        Assert.Equal(0, (await desk.GetAsync("/operator/v1/audit")).GetProperty("data").GetArrayLength());
    }
}
