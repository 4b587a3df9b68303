using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using ServerlessImages.Local.Stripe;
using ServerlessImages.Tests.Api;

namespace ServerlessImages.Tests.Security;

/// <summary>Two accounts, every endpoint that takes an id, every id: what is one account's does not exist for the other, not even as a different error.</summary>
public sealed class TenancyMatrixTests : IAsyncLifetime
{
    private Product product = null!;
    private Customer owner = null!;
    private Customer other = null!;
    private string request = null!;
    private string checkout = null!;
    private string invoice = null!;
    private string crossed = null!;
    private string spare = null!;

    /// <summary>What each parameter of a path is. A route with another one fails the test until it is said here.</summary>
    private Dictionary<string, string> Ids => new(StringComparer.Ordinal)
    {
        ["/requests/{id}"] = request,
        ["/requests/{id}/content"] = request,
        ["/jobs/{id}"] = request,
        ["/jobs/{id}/events"] = request,
        ["/receipts/{id}"] = request,
        ["/billing/checkout/{id}"] = checkout,
        ["/billing/invoices/{id}/usage"] = invoice,
        ["/events/{id}"] = crossed,
        ["/keys/{id}/limits"] = owner.Key["si_live_".Length..][..12],
        ["/keys/{id}/rotate"] = spare,
        ["/keys/{id}"] = spare,
    };

    /// <summary>Ids that are nobody's: a name, a day, a model, a file of a page, or an address that is its own permission.</summary>
    private static string[] Shared { get; } = ["/models/{id}", "/books/{day}", "/end-users/{id}/limits", "/f/{token}", "/assets/{version}/{name}", "/guides/{name}", "/deployments/{model}/images/edits", "/deployments/{model}/images/generations", "/deployments/{model}/images/variations"];

    public async ValueTask InitializeAsync()
    {
        product = await Product.StartAsync();
        owner = await product.CustomerAsync();
        other = await product.CustomerAsync();
        await LimitAsync(new { total_usd = "0.01" });
        using var image = await owner.GenerateAsync("a red fox");
        await LimitAsync(new { });
        request = (await image.JsonAsync()).Text("id");
        crossed = (await owner.Http.GetFromJsonAsync<JsonElement>("/v1/events", TestContext.Current.CancellationToken)).GetProperty("data")[0].Text("id");
        using var made = await owner.Http.PostAsJsonAsync("/v1/keys", new { }, TestContext.Current.CancellationToken);
        spare = (await made.JsonAsync()).Text("id");
        using var opened = await owner.Http.PostAsJsonAsync("/v1/billing/checkout", new { amount_usd = "20" }, TestContext.Current.CancellationToken);
        var page = await opened.JsonAsync();
        checkout = page.Text("id");
        using var card = new FormUrlEncodedContent([new("card", StripeTestCard.Good.Number)]);
        using var paid = await owner.Http.PostAsync(new Uri(page.Text("url")), card, TestContext.Current.CancellationToken);
        var invoices = await owner.Http.GetFromJsonAsync<JsonElement>("/v1/billing/invoices", TestContext.Current.CancellationToken);
        invoice = invoices.GetProperty("data")[0].Text("id");
    }

    public ValueTask DisposeAsync() => product.DisposeAsync();

    [Fact]
    public async Task Anothers_id_is_one_that_does_not_exist()
    {
        var routes = RouteTable.Of(product).Where(route => route.Parameters.Count > 0 && !route.IsOfOperator && !route.Pattern.StartsWith("/docs", StringComparison.Ordinal) && !route.Pattern.StartsWith("/openapi/{", StringComparison.Ordinal)).ToArray();
        var checkedRoutes = 0;
        foreach (var route in routes.Where(route => !Shared.Any(shared => route.Pattern.EndsWith(shared, StringComparison.Ordinal))))
        {
            Assert.True(Ids.Keys.Any(end => route.Pattern.EndsWith(end, StringComparison.Ordinal)), $"{route.Name} takes an id that this test does not know.");
            var id = Ids.Single(each => route.Pattern.EndsWith(each.Key, StringComparison.Ordinal)).Value;
            using var foreign = await route.SendAsync(other.Http, _ => id);
            using var unknown = await route.SendAsync(other.Http, _ => Unlike(id));

            Assert.True(foreign.StatusCode == HttpStatusCode.NotFound, $"{route.Name} answered {foreign.StatusCode}");
            Assert.Equal(Said(await unknown.JsonAsync()), Said(await foreign.JsonAsync()));
            checkedRoutes++;
        }

        // To its owner each is there; last, since one of them deletes.
        foreach (var route in routes.Where(route => Ids.Keys.Any(end => route.Pattern.EndsWith(end, StringComparison.Ordinal))).OrderBy(route => route.Method == "DELETE"))
        {
            using var own = await route.SendAsync(owner.Http, _ => Ids.Single(each => route.Pattern.EndsWith(each.Key, StringComparison.Ordinal)).Value);
            Assert.True(own.IsSuccessStatusCode || own.StatusCode is HttpStatusCode.Gone or HttpStatusCode.Conflict, $"{route.Name} answered {own.StatusCode}");
        }

        Assert.InRange(checkedRoutes, 2 * Ids.Count, int.MaxValue);
    }

    [Fact]
    public async Task What_is_listed_is_ones_own()
    {
        foreach (var path in (string[])["/v1/requests", "/v1/usage/events", "/v1/events"])
        {
            Assert.Contains(request, await TextAsync(owner, path), StringComparison.Ordinal);
            Assert.DoesNotContain(request, await TextAsync(other, path), StringComparison.Ordinal);
        }

        Assert.Contains(spare, await TextAsync(owner, "/v1/keys"), StringComparison.Ordinal);
        Assert.DoesNotContain(spare, await TextAsync(other, "/v1/keys"), StringComparison.Ordinal);
        Assert.NotEqual(await TextAsync(owner, "/v1/balance"), await TextAsync(other, "/v1/balance"));
        Assert.DoesNotContain("\"charged_usd\":\"0.0", (await TextAsync(other, "/v1/usage")).Replace("\"0.000000\"", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cursor_a_quote_and_a_key_of_another_account_do_nothing_here()
    {
        using var page = await other.Http.GetAsync(new Uri($"/v1/requests?after={request}", UriKind.Relative), TestContext.Current.CancellationToken);
        await page.AssertErrorAsync(HttpStatusCode.NotFound, "request_not_found");

        var order = new { model = "gpt-image-2", prompt = "a red fox", size = "1024x1024", quality = "low" };
        using var quoted = await owner.Http.PostAsJsonAsync("/v1/quotes", order, TestContext.Current.CancellationToken);
        using var used = await other.GenerateAsync(new { order.model, order.prompt, order.size, order.quality, quote_id = (await quoted.JsonAsync()).Text("quote_id") });
        await used.AssertErrorAsync(HttpStatusCode.BadRequest, "invalid_quote");

        var ids = new List<string>();
        foreach (var customer in (Customer[])[owner, other])
        {
            using var message = new HttpRequestMessage(HttpMethod.Post, "/v1/images/generations") { Content = JsonContent.Create(order), Headers = { { "Idempotency-Key", "same-key" } } };
            using var response = await customer.Http.SendAsync(message, TestContext.Current.CancellationToken);
            ids.Add((await response.JsonAsync()).Text("id"));
        }

        Assert.Equal(2, ids.Distinct().Count());
    }

    [Fact]
    public async Task A_budget_for_a_name_bounds_only_the_account_that_set_it()
    {
        using var set = await owner.Http.PutAsJsonAsync("/v1/end-users/anna/limits", new { total_usd = "0.000001" }, TestContext.Current.CancellationToken);
        using var refused = await owner.GenerateAsync(new { model = "gpt-image-2", prompt = "fox", size = "1024x1024", quality = "low", user = "anna" });
        using var served = await other.GenerateAsync(new { model = "gpt-image-2", prompt = "fox", size = "1024x1024", quality = "low", user = "anna" });

        Assert.Equal((HttpStatusCode.PaymentRequired, HttpStatusCode.OK), (refused.StatusCode, served.StatusCode));
    }

    private async Task LimitAsync(object limits)
    {
        using var set = await owner.Http.PutAsJsonAsync($"/v1/keys/{owner.Key["si_live_".Length..][..12]}/limits", limits, TestContext.Current.CancellationToken);
        set.EnsureSuccessStatusCode();
    }

    /// <summary>Of the same form, and nobody's.</summary>
    private static string Unlike(string id) => id[..^6] + (id.EndsWith("000000", StringComparison.Ordinal) ? "111111" : "000000");

    private static (string, string) Said(JsonElement answer) => (answer.Text("error", "code"), answer.Text("error", "message"));

    private static async Task<string> TextAsync(Customer customer, string path) => await customer.Http.GetStringAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);
}
