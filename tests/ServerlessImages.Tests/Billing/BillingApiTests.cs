using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using ServerlessImages.Api.Billing;
using ServerlessImages.Billing;
using ServerlessImages.Keys;
using ServerlessImages.Local;
using ServerlessImages.Local.Stripe;
using ServerlessImages.Storage;
using ServerlessImages.Tests.Api;
using ServerlessImages.Tests.Operators;

namespace ServerlessImages.Tests.Billing;

/// <summary>Buying credit through the front door, with Stripe announcing as it does.</summary>
public sealed class BillingApiTests : IAsyncLifetime
{
    private OperatorDirectory directory = null!;
    private Product product = null!;
    private Customer customer = null!;

    public async ValueTask InitializeAsync()
    {
        directory = await OperatorDirectory.StartAsync();
        product = await Product.StartAsync(null, directory.Settings);
        customer = await product.CustomerAsync(micros: 0);
    }

    public async ValueTask DisposeAsync()
    {
        await product.DisposeAsync();
        await directory.DisposeAsync();
    }

    [Fact]
    public async Task Credit_that_was_bought_is_there_when_the_payer_comes_back_and_draws_an_image()
    {
        var (id, back) = await BuyAsync("20");
        using var page = back;
        var paid = await GetAsync($"/v1/billing/checkout/{id}");
        using var image = await customer.GenerateAsync("a red fox");

        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        Assert.Contains("<h1>Thank you</h1>", await page.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal(("paid", "20.000000"), (paid.Text("status"), paid.Text("amount_usd")));
        Assert.Equal(HttpStatusCode.OK, image.StatusCode);
        Assert.Single(await customer.RowsAsync("G"));
    }

    [Fact]
    public async Task Announced_twice_in_the_wrong_order_seen_on_the_page_and_asked_for_it_is_one_grant()
    {
        product.Local.Stripe.HoldsWebhooks = true;
        var (id, back) = await BuyAsync("20");
        back.Dispose();
        var answers = await product.Local.Stripe.ReleaseWebhooksAsync(copies: 2, newestFirst: true);
        await GetAsync($"/v1/billing/checkout/{id}");

        Assert.Equal([HttpStatusCode.OK], answers.Distinct().OfType<HttpStatusCode>());
        Assert.Equal(2 * product.Local.Stripe.All("event").Count(each => LocalProduct.WebhookTypes.Contains(each["type"]!.GetValue<string>())), answers.Count);
        Assert.Equal(Money.Dollars(20), (await customer.BalanceAsync()).Granted);
    }

    [Fact]
    public async Task Each_purchase_has_an_invoice_and_no_usage()
    {
        (await BuyAsync("20")).Back.Dispose();
        (await BuyAsync("30")).Back.Dispose();

        var newest = await GetAsync("/v1/billing/invoices?limit=1");
        var invoice = newest.GetProperty("data")[0];
        Assert.Equal(("purchase", "paid", "30.000000", "0.000000"), (invoice.Text("kind"), invoice.Text("status"), invoice.Text("total"), invoice.Text("due")));
        Assert.StartsWith("http", invoice.Text("pdf_url"), StringComparison.Ordinal);
        var rest = await GetAsync("/v1/billing/invoices?after=" + newest.Text("next_cursor"));
        Assert.Equal(["20.000000"], rest.GetProperty("data").EnumerateArray().Select(each => each.Text("total")));
        Assert.Equal("0.000000", (await GetAsync($"/v1/billing/invoices/{invoice.Text("id")}/usage?group_by=model,key")).GetProperty("total").Text("amount_usd"));
        using var unknown = await customer.Http.GetAsync(new Uri("/v1/billing/invoices?after=in_unknown", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.BadRequest, unknown.StatusCode);
    }

    [Fact]
    public async Task Without_any_announcement_asking_brings_the_credit()
    {
        product.Local.Stripe.HoldsWebhooks = true;
        var opened = await OpenAsync("20");
        using var paid = await PayAsync(opened, StripeTestCard.Good, follow: false);
        Assert.Equal(Money.Zero, (await customer.BalanceAsync()).Granted);

        Assert.Equal("paid", (await GetAsync($"/v1/billing/checkout/{opened.Text("id")}")).Text("status"));
        Assert.Equal(Money.Dollars(20), (await customer.BalanceAsync()).Granted);
    }

    [Fact]
    public async Task A_bank_debit_is_on_its_way_until_it_arrives()
    {
        var opened = await OpenAsync("20");
        using var back = await PayAsync(opened, StripeTestCard.BankDebit);
        var before = await GetAsync($"/v1/billing/checkout/{opened.Text("id")}");
        await product.Local.Stripe.ArriveAsync(opened.Text("id"), succeeded: true);

        Assert.Contains("on its way", await back.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal("processing", before.Text("status"));
        Assert.Equal(Money.Dollars(20), (await customer.BalanceAsync()).Available);
    }

    [Theory]
    [InlineData("")]
    [InlineData("?session_id=cs_test_nothing")]
    [InlineData("?session_id=..%2Fcustomers")]
    public async Task Who_comes_back_without_having_paid_is_told_so(string query)
    {
        using var page = await customer.Http.GetAsync(new Uri("/billing/return" + query, UriKind.Relative), TestContext.Current.CancellationToken);

        Assert.Contains("Nothing was paid", await page.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task While_Stripe_cannot_be_asked_a_payer_is_told_not_to_pay_again()
    {
        await product.Local.Stripe.DisposeAsync();
        var page = await customer.Http.GetStringAsync(new Uri("/billing/return?session_id=cs_test_1", UriKind.Relative), TestContext.Current.CancellationToken);

        Assert.Contains("please do not pay again", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_calls_the_return_page_too_often_is_told_to_wait_and_costs_no_read_of_Stripe()
    {
        var lookups = product.Local.Services.GetRequiredService<ReturnPageLookups>();
        string page;
        do
        {
            while (lookups.TryTake())
            {
            }

            page = await customer.Http.GetStringAsync(new Uri("/billing/return?session_id=cs_test_1", UriKind.Relative), TestContext.Current.CancellationToken);
        }
        while (page.Contains("Nothing was paid", StringComparison.Ordinal));

        Assert.Contains("We are looking into it", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stranger_with_a_checkouts_id_learns_that_it_is_paid_and_nothing_else()
    {
        var (first, here) = await BuyAsync("20");
        using var page = here;
        var other = await product.CustomerAsync(micros: 0);
        using var opened = await other.Http.PostAsJsonAsync("/v1/billing/checkout", new { amount_usd = "55" }, TestContext.Current.CancellationToken);
        var second = await opened.JsonAsync();
        using var there = await PayAsync(second, StripeTestCard.Good);

        // But for its own address, which the choice of colours leads back to, each is the same page.
        var (ours, theirs) = (await page.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), await there.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal(ours.Replace(first, "", StringComparison.Ordinal), theirs.Replace(second.Text("id"), "", StringComparison.Ordinal));
        Assert.DoesNotContain(first, theirs, StringComparison.Ordinal);
    }

    [Fact]
    public void The_return_page_looks_a_burst_of_payers_up_and_then_one_a_second()
    {
        var clock = Sample.Clock();
        var lookups = new ReturnPageLookups(clock);

        Assert.Equal(20, Enumerable.Range(0, 100).Count(_ => lookups.TryTake()));
        clock.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(3, Enumerable.Range(0, 100).Count(_ => lookups.TryTake()));
    }

    public static TheoryData<string> WrongSignatures => ["none", "garbage", "wrong secret", "old", "from the future", "of another body", "v0 only"];

    [Theory]
    [MemberData(nameof(WrongSignatures))]
    public async Task What_is_not_signed_by_Stripe_now_is_refused_and_nothing_changes(string kind)
    {
        product.Local.Stripe.HoldsWebhooks = true;
        var opened = await OpenAsync("20");
        using var paid = await PayAsync(opened, StripeTestCard.Good, follow: false);
        var body = product.Local.Stripe.All("event").Single(each => each["type"]!.GetValue<string>() == "checkout.session.completed").ToJsonString();
        var now = TimeProvider.System.GetUtcNow();
        var signature = kind switch
        {
            "none" => "",
            "garbage" => "t=x,v1=y",
            "wrong secret" => StripeEmulator.Signature(body, "whsec_other", now),
            "old" => StripeEmulator.Signature(body, "whsec_emulator", now.AddSeconds(-310)),
            "from the future" => StripeEmulator.Signature(body, "whsec_emulator", now.AddSeconds(320)),
            "of another body" => StripeEmulator.Signature(body + " ", "whsec_emulator", now),
            _ => StripeEmulator.Signature(body, "whsec_emulator", now).Replace("v1=", "v0=", StringComparison.Ordinal),
        };

        using var refused = await AnnounceAsync(body, signature);
        await refused.AssertErrorAsync(HttpStatusCode.BadRequest, "invalid_webhook");
        Assert.Empty(await InboxAsync());
        Assert.Equal(Money.Zero, (await customer.BalanceAsync()).Granted);

        using var taken = await AnnounceAsync(body, StripeEmulator.Signature(body, "whsec_emulator", now));
        Assert.Equal((HttpStatusCode.OK, Money.Dollars(20)), (taken.StatusCode, (await customer.BalanceAsync()).Granted));
    }

    [Fact]
    public async Task What_was_taken_changes_nothing_when_it_is_played_back_at_once_and_is_refused_when_later()
    {
        await product.DisposeAsync();
        var clock = new AheadClock();
        product = await Product.StartAsync(options => options.With(services => services.AddSingleton<TimeProvider>(clock)), directory.Settings);
        customer = await product.CustomerAsync(micros: 0);
        product.Local.Stripe.HoldsWebhooks = true;
        using var paid = await PayAsync(await OpenAsync("20"), StripeTestCard.Good, follow: false);
        var body = product.Local.Stripe.All("event").Single(each => each["type"]!.GetValue<string>() == "checkout.session.completed").ToJsonString();
        var signature = StripeEmulator.Signature(body, "whsec_emulator", clock.GetUtcNow());
        using var taken = await AnnounceAsync(body, signature);
        var kept = await InboxAsync();

        using var again = await AnnounceAsync(body, signature);
        clock.Ahead = TimeSpan.FromSeconds(310);
        using var later = await AnnounceAsync(body, signature);

        await later.AssertErrorAsync(HttpStatusCode.BadRequest, "invalid_webhook");
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (taken.StatusCode, again.StatusCode));
        Assert.Equal(kept, await InboxAsync());
        Assert.Equal((1, Money.Dollars(20)), ((await customer.RowsAsync("G")).Count, (await customer.BalanceAsync()).Granted));
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("[]")]
    [InlineData("""{"id":"evt_1"}""")]
    [InlineData("""{"id":"evt/1","type":"charge.refunded","created":1,"data":{"object":{}}}""")]
    public async Task What_is_signed_and_no_event_is_refused(string body)
    {
        Assert.Equal(HttpStatusCode.BadRequest, await product.Local.Stripe.SendWebhookAsync(body));
        Assert.Empty(await InboxAsync());
    }

    [Fact]
    public async Task While_a_secret_is_rolled_both_are_good()
    {
        await product.RestartAsync(("Stripe:WebhookSecrets:1", "whsec_next"));
        var body = Event("evt_1", "invoice.paid", "in_1").ToJsonString();
        var now = TimeProvider.System.GetUtcNow();
        using var next = await AnnounceAsync(body, StripeEmulator.Signature(body, "whsec_next", now));
        using var other = await AnnounceAsync(body, StripeEmulator.Signature(body, "whsec_last", now));

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.BadRequest), (next.StatusCode, other.StatusCode));
    }

    [Fact]
    public async Task Unknown_types_and_foreign_versions_are_kept_for_the_operator_to_see_and_the_latter_handled()
    {
        product.Local.Stripe.HoldsWebhooks = true;
        var opened = await OpenAsync("20");
        using var paid = await PayAsync(opened, StripeTestCard.Good, follow: false);
        var foreign = Event("evt_foreign", "checkout.session.completed", opened.Text("id"));
        foreign["api_version"] = "2025-03-31.basil";

        Assert.Equal(HttpStatusCode.OK, await product.Local.Stripe.SendWebhookAsync(foreign.ToJsonString()));
        Assert.Equal(HttpStatusCode.OK, await product.Local.Stripe.SendWebhookAsync(Event("evt_unknown", "price.created", "price_1").ToJsonString()));

        Assert.Equal(Money.Dollars(20), (await customer.BalanceAsync()).Granted);
        Assert.Equal([("event_type_unknown", "evt_unknown"), ("event_version_foreign", "evt_foreign")], (await ProblemsAsync()).Select(each => (each.Text("kind"), each.Text("id"))));
    }

    [Fact]
    public async Task An_event_that_cannot_be_handled_yet_is_kept_shown_and_tried_again()
    {
        var opened = await OpenAsync("20");
        using var paid = await PayAsync(opened, StripeTestCard.Good, follow: false);
        var later = Event("evt_later", "checkout.session.completed", opened.Text("id"));

        // Stripe is not there when it has announced.
        var port = product.Local.Stripe.Endpoint.Port;
        var state = Path.Combine(product.Local.Options.Folder, "stripe.jsonl");
        await product.Local.Stripe.DisposeAsync();
        var body = later.ToJsonString();
        using var taken = await AnnounceAsync(body, StripeEmulator.Signature(body, "whsec_emulator", TimeProvider.System.GetUtcNow()));
        var waiting = Assert.Single(await ProblemsAsync());
        await using var again = await StripeEmulator.StartAsync(new StripeEmulatorOptions { Port = port, StateFile = state }, TestContext.Current.CancellationToken);
        await product.Local.Services.GetRequiredService<HandleEvents>().RetryAsync((_, cause) => throw new InvalidOperationException("It still fails.", cause), TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, taken.StatusCode);
        Assert.Equal(("event_waiting", "evt_later"), (waiting.Text("kind"), waiting.Text("id")));
        Assert.Contains("after 1 attempts: CollectorUnavailableException", waiting.Text("cause"), StringComparison.Ordinal);
        Assert.Empty(await ProblemsAsync());
        Assert.Equal(Money.Dollars(20), (await customer.BalanceAsync()).Granted);
    }

    [Fact]
    public async Task A_request_that_leaves_little_tops_the_account_up()
    {
        (await BuyAsync("5")).Back.Dispose();
        using var set = await PutAsync(new { enabled = true, threshold_usd = "5", amount_usd = "20", monthly_cap_usd = "20", consent = true });
        using var image = await customer.GenerateAsync("a red fox");
        while (await CardsChargedAsync() == 0) await Task.Delay(20, TestContext.Current.CancellationToken);

        Assert.Equal("ready", (await set.JsonAsync()).Text("state"));
        var after = await GetAsync("/v1/billing/auto-top-up");
        while (after.Text("state") == "charging") after = await GetAsync("/v1/billing/auto-top-up");
        Assert.Equal(("cap_reached", "20.000000"), (after.Text("state"), after.Text("charged_this_month_usd")));
        Assert.Equal(Money.Dollars(25), (await customer.BalanceAsync()).Granted);

        async Task<int> CardsChargedAsync() => (await customer.RowsAsync("G")).Count - 1;
    }

    [Theory]
    [InlineData("{}", "missing_required_parameter", "enabled")]
    [InlineData("""{"enabled":true}""", "missing_required_parameter", "threshold_usd")]
    [InlineData("""{"enabled":true,"threshold_usd":"5","amount_usd":"20","monthly_cap_usd":"100"}""", "missing_required_parameter", "consent")]
    [InlineData("""{"enabled":true,"threshold_usd":"5","amount_usd":"20","monthly_cap_usd":"100","consent":false}""", "invalid_value", "consent")]
    [InlineData("""{"enabled":true,"threshold_usd":"5","amount_usd":"20","monthly_cap_usd":"19","consent":true}""", "invalid_value", "monthly_cap_usd")]
    [InlineData("""{"enabled":true,"threshold_usd":"5","amount_usd":"20.001","monthly_cap_usd":"100","consent":true}""", "invalid_value", "amount_usd")]
    [InlineData("""{"enabled":true,"threshold_usd":"5","amount_usd":"501","monthly_cap_usd":"1000","consent":true}""", "invalid_value", "amount_usd")]
    [InlineData("""{"enabled":true,"threshold_usd":"5","amount_usd":"20","monthly_cap_usd":"5001","consent":true}""", "invalid_value", "monthly_cap_usd")]
    [InlineData("""{"enabled":true,"threshold_usd":"1001","amount_usd":"20","monthly_cap_usd":"100","consent":true}""", "invalid_value", "threshold_usd")]
    public async Task Terms_that_are_wrong_or_without_consent_are_refused_and_stay_off(string body, string code, string param)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var refused = await customer.Http.PutAsync(new Uri("/v1/billing/auto-top-up", UriKind.Relative), content, TestContext.Current.CancellationToken);

        Assert.Equal(param, (await refused.AssertErrorAsync(HttpStatusCode.BadRequest, code)).Text("param"));
        Assert.Equal("off", (await GetAsync("/v1/billing/auto-top-up")).Text("state"));
    }

    [Theory]
    [InlineData("{}", "missing_required_parameter")]
    [InlineData("""{"amount_usd":"4.99"}""", "invalid_value")]
    [InlineData("""{"amount_usd":"500.01"}""", "invalid_value")]
    [InlineData("""{"amount_usd":"20.005"}""", "invalid_value")]
    [InlineData("""{"amount_usd":"20","currency":"eur"}""", "unknown_parameter")]
    public async Task A_purchase_that_is_wrong_is_refused_before_Stripe_is_asked(string body, string code)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var refused = await customer.Http.PostAsync(new Uri("/v1/billing/checkout", UriKind.Relative), content, TestContext.Current.CancellationToken);

        await refused.AssertErrorAsync(HttpStatusCode.BadRequest, code);
        Assert.Empty(product.Local.Stripe.Posts);
    }

    [Fact]
    public async Task While_Stripe_is_not_there_nothing_is_sold_and_the_caller_may_come_again()
    {
        await product.Local.Stripe.DisposeAsync();
        using var refused = await customer.Http.PostAsJsonAsync("/v1/billing/checkout", new { amount_usd = "20" }, TestContext.Current.CancellationToken);

        await refused.AssertErrorAsync(HttpStatusCode.ServiceUnavailable, "billing_unavailable");
        Assert.Equal("true", refused.Header("x-should-retry"));
    }

    [Fact]
    public async Task Only_the_scope_of_billing_buys()
    {
        var drawer = await product.CustomerAsync(0, "wide", Scope.ImagesGenerate, Scope.KeysManage, Scope.UsageRead);
        using var refused = await drawer.Http.PostAsJsonAsync("/v1/billing/checkout", new { amount_usd = "20" }, TestContext.Current.CancellationToken);

        await refused.AssertErrorAsync(HttpStatusCode.Forbidden, "missing_scope");
    }

    [Fact]
    public async Task Usage_that_Stripe_took_and_does_not_count_is_told_by_code_account_and_sample_once()
    {
        await UseNobodysAsync("acct_nobody:2026112312:1");
        await product.Local.Stripe.AnnouncedAsync();
        var thin = Assert.Single(product.Local.Stripe.All("v2.core.event"));
        thin.Remove("data");
        using var again = await AnnounceAsync(thin.ToJsonString(), StripeEmulator.Signature(thin.ToJsonString(), "whsec_thin_emulator", TimeProvider.System.GetUtcNow()), "/stripe/thin-events");

        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
        var problem = Assert.Single(await ProblemsAsync());
        Assert.Equal(("usage_refused", "acct_nobody", "1 times no_meter, such as acct_nobody:2026112312:1"), (problem.Text("kind"), problem.Text("account_id"), problem.Text("cause")));
    }

    [Fact]
    public async Task A_thin_event_that_is_signed_for_the_other_endpoint_is_refused_and_one_of_an_unknown_type_is_kept_to_be_seen()
    {
        const string Body = """{"id":"evt_1","object":"v2.core.event","type":"v1.billing.meter.fallen","created":"2026-11-23T12:00:00.000Z"}""";
        var now = TimeProvider.System.GetUtcNow();
        using var refused = await AnnounceAsync(Body, StripeEmulator.Signature(Body, "whsec_emulator", now), "/stripe/thin-events");
        await refused.AssertErrorAsync(HttpStatusCode.BadRequest, "invalid_webhook");
        Assert.Empty(await InboxAsync());

        using var taken = await AnnounceAsync(Body, StripeEmulator.Signature(Body, "whsec_thin_emulator", now), "/stripe/thin-events");
        Assert.Equal((HttpStatusCode.OK, "event_type_unknown"), (taken.StatusCode, Assert.Single(await ProblemsAsync()).Text("kind")));
    }

    [Fact]
    public async Task The_portal_is_the_customers_own()
    {
        using var portal = await customer.Http.PostAsJsonAsync("/v1/billing/portal", new { }, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.Created, portal.StatusCode);
        Assert.StartsWith(product.Local.Stripe.Endpoint.AbsoluteUri, (await portal.JsonAsync()).Text("url"), StringComparison.Ordinal);
        Assert.Single(product.Local.Stripe.All("customer"));
    }

    [Theory]
    [InlineData("GET", "/v1/billing/auto-top-up")]
    [InlineData("POST", "/v1/billing/checkout")]
    [InlineData("POST", "/stripe/events")]
    [InlineData("POST", "/stripe/thin-events")]
    [InlineData("GET", "/billing/return")]
    public async Task Without_a_key_of_Stripes_there_is_no_billing(string method, string path)
    {
        await product.RestartAsync(("Stripe:ApiKey", ""));
        using var request = new HttpRequestMessage(new HttpMethod(method), path) { Headers = { { "Authorization", $"Bearer {customer.Key}" } } };
        using var response = await customer.Http.SendAsync(request, TestContext.Current.CancellationToken);

        await response.AssertErrorAsync(HttpStatusCode.NotFound, "endpoint_not_found");
    }

    [Theory]
    [InlineData("Stripe:ApiKey", "pk_test_1", "begins with sk_ or rk_")]
    [InlineData("Stripe:WebhookSecrets:0", "secret", "each begins with whsec_")]
    [InlineData("Stripe:ThinWebhookSecrets:0", "secret", "each begins with whsec_")]
    [InlineData("Stripe:ApiBase", "http://stripe.example.com", "Stripe:ApiBase is an https address")]
    [InlineData("Billing:TopUpUsdMin", "501", "Billing:TopUpUsdMin is at most Billing:TopUpUsdMax")]
    public async Task Settings_that_cannot_be_right_end_the_start(string name, string value, string message)
    {
        var fault = await Assert.ThrowsAnyAsync<Exception>(() => Product.StartAsync(null, (name, value)));

        Assert.Contains(message, fault.ToString(), StringComparison.Ordinal);
    }

    private async Task<(string Id, HttpResponseMessage Back)> BuyAsync(string dollars)
    {
        var opened = await OpenAsync(dollars);
        return (opened.Text("id"), await PayAsync(opened, StripeTestCard.Good));
    }

    private async Task<JsonElement> OpenAsync(string dollars)
    {
        using var response = await customer.Http.PostAsJsonAsync("/v1/billing/checkout", new { amount_usd = dollars }, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        return await response.JsonAsync();
    }

    /// <param name="follow">Whether the browser goes on to where the payer comes back.</param>
    private static async Task<HttpResponseMessage> PayAsync(JsonElement opened, StripeTestCard card, bool follow = true)
    {
        using var browser = new HttpClient(new HttpClientHandler { AllowAutoRedirect = follow });
        using var form = new FormUrlEncodedContent([KeyValuePair.Create("card", card.Number)]);
        return await browser.PostAsync(new Uri(opened.Text("url")), form, TestContext.Current.CancellationToken);
    }

    private async Task<JsonElement> GetAsync(string path)
    {
        using var response = await customer.Http.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await response.JsonAsync();
    }

    private Task<HttpResponseMessage> PutAsync(object body) => customer.Http.PutAsJsonAsync("/v1/billing/auto-top-up", body, TestContext.Current.CancellationToken);

    /// <summary>Reports usage to a meter that is not there: Stripe takes it, and tells later.</summary>
    private async Task UseNobodysAsync(string identifier)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(product.Local.Stripe.Endpoint, "/v1/billing/meter_events")) { Headers = { { "Authorization", "Bearer sk_test_emulator" } }, Content = new FormUrlEncodedContent([new("event_name", "nothing"), new("identifier", identifier), new("payload[value]", "1"), new("payload[stripe_customer_id]", "cus_nobody")]) };
        using var http = new HttpClient();
        using var response = await http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    private async Task<HttpResponseMessage> AnnounceAsync(string body, string signature, string path = "/stripe/events")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(product.Local.BaseUrl, path)) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        if (signature.Length > 0) request.Headers.Add("Stripe-Signature", signature);
        using var http = new HttpClient();
        return await http.SendAsync(request, TestContext.Current.CancellationToken);
    }

    private Task<IReadOnlyList<Row>> InboxAsync() => product.Local.Services.GetRequiredService<ITableStore>().RangeAsync(TableNames.Billing, "inbox", "E|", "E}", 100, TestContext.Current.CancellationToken);

    private async Task<JsonElement[]> ProblemsAsync()
    {
        using var desk = new HttpClient { BaseAddress = product.Local.BaseUrl, DefaultRequestHeaders = { { "Authorization", $"Bearer {directory.Token()}" } } };
        using var response = await desk.GetAsync(new Uri("/operator/v1/billing/problems", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return [.. (await response.JsonAsync()).GetProperty("data").EnumerateArray()];
    }

    /// <summary>Created long enough ago for the retry to care.</summary>
    private static JsonObject Event(string id, string type, string objectId) => new()
    {
        ["id"] = id,
        ["object"] = "event",
        ["api_version"] = StripeEmulator.ApiVersion,
        ["created"] = TimeProvider.System.GetUtcNow().AddHours(-1).ToUnixTimeSeconds(),
        ["type"] = type,
        ["data"] = new JsonObject { ["object"] = new JsonObject { ["id"] = objectId } },
    };
}
