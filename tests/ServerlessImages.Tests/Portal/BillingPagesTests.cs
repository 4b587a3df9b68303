using System.Globalization;
using System.Net;
using ServerlessImages.Api.Portal;
using ServerlessImages.Billing;
using ServerlessImages.Local.Stripe;
using ServerlessImages.Members;
using ServerlessImages.Tests.Api;

namespace ServerlessImages.Tests.Portal;

/// <summary>Buying credit in the portal: through the emulated Checkout, without any announcement of Stripe's, so that it is the way back that brings it.</summary>
public sealed class BillingPagesTests(PortalProduct portal) : IClassFixture<PortalProduct>, IAsyncLifetime
{
    private Customer customer = null!;
    private PortalBrowser browser = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        portal.Product.Local.Stripe.HoldsWebhooks = true;
        customer = await portal.Product.CustomerAsync(micros: 0);
        browser = await portal.MemberAsync(customer, MemberRole.Billing);
    }

    public ValueTask DisposeAsync()
    {
        browser.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Who_pays_comes_back_to_the_portal_and_finds_the_credit_there()
    {
        var checkout = await TopUpAsync("20");
        using var paid = await PayAsync(checkout);
        var back = await browser.GetAsync(paid.Headers.Location!.AbsoluteUri);
        var again = await browser.GetAsync(paid.Headers.Location!.AbsoluteUri);

        Assert.Equal(("/portal/billing", "?done=paid"), (back.Path, back.Address.Query));
        Assert.Contains("The payment has arrived", back.Html, StringComparison.Ordinal);
        Assert.Contains("$20.00<span class=\"micro\">0000</span>", back.Html, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, again.Status);
        Assert.Equal(Money.Dollars(20), (await customer.BalanceAsync()).Granted);
    }

    [Fact]
    public async Task A_form_that_is_sent_twice_opens_one_checkout_and_another_amount_is_another()
    {
        var page = await browser.GetAsync("/portal/billing");
        var first = await SendAsync(page, BillingPaths.TopUp, ("amount_usd", "20"));
        var second = await SendAsync(page, BillingPaths.TopUp, ("amount_usd", "20.00"));
        var other = await SendAsync(page, BillingPaths.TopUp, ("amount_usd", "30"));

        Assert.Equal(HttpStatusCode.SeeOther, first.StatusCode);
        Assert.Equal(first.Headers.Location, second.Headers.Location);
        Assert.NotEqual(first.Headers.Location, other.Headers.Location);
    }

    [Theory]
    [InlineData("")]
    [InlineData("4.99")]
    [InlineData("501")]
    [InlineData("20.001")]
    [InlineData("twenty")]
    [InlineData("-20")]
    public async Task An_amount_that_is_not_sold_is_said_at_its_field_and_opens_nothing(string amount)
    {
        var before = portal.Product.Local.Stripe.All("checkout.session").Count;
        using var answer = await SendAsync(await browser.GetAsync("/portal/billing"), BillingPaths.TopUp, ("amount_usd", amount));
        var html = await answer.Content.ReadAsStringAsync(Cancel);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        Assert.Contains("id=\"amount_usd-error\"", html, StringComparison.Ordinal);
        Assert.Contains($"value=\"{amount}\"", html, StringComparison.Ordinal);
        Assert.Equal(before, portal.Product.Local.Stripe.All("checkout.session").Count);
    }

    [Fact]
    public async Task Coming_back_from_another_accounts_checkout_shows_and_brings_nothing()
    {
        var other = await portal.Product.CustomerAsync(micros: 0);
        using var payer = await portal.MemberAsync(other, MemberRole.Owner);
        using var paid = await PayAsync((await SendAsync(payer, await payer.GetAsync("/portal/billing"), BillingPaths.TopUp, ("amount_usd", "20"))).Headers.Location!);

        var stranger = await browser.GetAsync(paid.Headers.Location!.AbsoluteUri);

        Assert.Equal(HttpStatusCode.NotFound, stranger.Status);
        Assert.Equal((Money.Zero, Money.Zero), ((await customer.BalanceAsync()).Granted, (await other.BalanceAsync()).Granted));
    }

    [Fact]
    public async Task Who_does_not_pay_is_told_so()
    {
        var checkout = await TopUpAsync("20");
        var session = portal.Product.Local.Stripe.All("checkout.session").Single(each => checkout.AbsoluteUri.Contains(each["id"]!.GetValue<string>(), StringComparison.Ordinal));
        var page = await browser.GetAsync(session["cancel_url"]!.GetValue<string>());

        Assert.Contains("Nothing was paid", page.Html, StringComparison.Ordinal);
        Assert.Equal(Money.Zero, (await customer.BalanceAsync()).Granted);
    }

    [Fact]
    public async Task The_page_with_the_form_may_be_followed_to_Stripe_and_nowhere_else()
    {
        var billing = await browser.GetAsync("/portal/billing");
        var ledger = await browser.GetAsync("/portal/billing/ledger");

        Assert.Contains($"form-action 'self' {portal.Product.Local.Stripe.Endpoint.GetLeftPart(UriPartial.Authority)};", billing.Policy, StringComparison.Ordinal);
        Assert.Contains("form-action 'self';", ledger.Policy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Automatic_top_ups_are_turned_on_with_consent_and_off_again()
    {
        (string, string)[] terms = [("threshold_usd", "2"), ("amount_usd", "10"), ("monthly_cap_usd", "50")];
        using var without = await SendAutomaticAsync(terms);
        using var on = await SendAutomaticAsync([.. terms, ("consent", "true")]);
        using var set = await customer.Http.GetAsync(new Uri("/v1/billing/auto-top-up", UriKind.Relative), Cancel);
        var page = await browser.GetAsync(BillingPaths.Automatic);
        using var off = await SendAutomaticAsync([], isOff: true);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, without.StatusCode);
        Assert.EndsWith("?done=on", on.Headers.Location!.OriginalString, StringComparison.Ordinal);
        Assert.Equal(("ready", "2.000000", "10.000000", "50.000000"), (await set.JsonAsync()) is var json ? (json.Text("state"), json.Text("threshold_usd"), json.Text("amount_usd"), json.Text("monthly_cap_usd")) : default);
        Assert.Contains("value=\"10.00\"", page.Html, StringComparison.Ordinal);
        Assert.EndsWith("?done=off", off.Headers.Location!.OriginalString, StringComparison.Ordinal);
        Assert.False((await portal.Of<AutoTopUps>().FindAsync(customer.Partition.Account, Cancel))!.Value.TopUp.Terms.Enabled);
        Assert.StartsWith("person_", (await portal.Of<AutoTopUps>().FindAsync(customer.Partition.Account, Cancel))!.Value.TopUp.Terms.ConsentBy, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("monthly_cap_usd", "9")]
    [InlineData("amount_usd", "1")]
    [InlineData("threshold_usd", "")]
    public async Task Terms_that_do_not_fit_are_said_at_their_field_and_nothing_is_set(string field, string value)
    {
        var terms = new Dictionary<string, string> { ["threshold_usd"] = "2", ["amount_usd"] = "10", ["monthly_cap_usd"] = "50", ["consent"] = "true", [field] = value };
        using var answer = await SendAutomaticAsync([.. terms.Select(each => (each.Key, each.Value))]);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        Assert.Contains($"id=\"{field}-error\"", await answer.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        Assert.Null(await portal.Of<AutoTopUps>().FindAsync(customer.Partition.Account, Cancel));
    }

    [Fact]
    public async Task A_developer_sees_no_bill_and_buys_nothing()
    {
        using var developer = await portal.MemberAsync(customer);
        var page = await browser.GetAsync("/portal/billing");
        var own = await developer.GetAsync("/portal");
        using var answer = await SendAsync(developer, page with { Html = page.Html.Replace(page.Hidden.First().Value, own.Hidden.First().Value, StringComparison.Ordinal) }, BillingPaths.TopUp, ("amount_usd", "20"));

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await developer.GetAsync("/portal/billing")).Status);
    }

    [Fact]
    public async Task Invoices_are_listed_and_opened_and_another_accounts_are_not_there()
    {
        using var paid = await PayAsync(await TopUpAsync("20"));
        await browser.GetAsync(paid.Headers.Location!.AbsoluteUri);
        var list = await browser.GetAsync(BillingPaths.Invoices);
        var link = list.Links.Single(each => each.StartsWith(BillingPaths.Invoices + "/in_", StringComparison.Ordinal));
        var invoice = await browser.GetAsync(link);
        using var stranger = await portal.MemberAsync(await portal.Product.CustomerAsync(), MemberRole.Owner);

        Assert.Contains("$20.00", list.Html, StringComparison.Ordinal);
        Assert.Contains("For prepaid credit", invoice.Html, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await stranger.GetAsync(link)).Status);
        Assert.Contains("No invoices yet", (await stranger.GetAsync(BillingPaths.Invoices)).Html, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await browser.GetAsync(BillingPaths.Invoices + "/in_x%2F..%2Fcustomers")).Status);
    }

    [Fact]
    public async Task The_ledger_is_shown_by_the_page_from_its_newest_entry_to_its_first()
    {
        foreach (var number in Enumerable.Range(1, 52)) await portal.Product.Ledger.GrantAsync(customer.Partition, $"gift{number}", new(number));
        var newest = await browser.GetAsync(BillingPaths.Ledger);
        var older = await browser.GetAsync(newest.Links.Single(each => each.Contains("before=", StringComparison.Ordinal)));

        Assert.Equal([.. Enumerable.Range(3, 50).Reverse()], Grants(newest));
        Assert.Equal([2, 1], Grants(older));
        Assert.DoesNotContain(older.Links, each => each.Contains("before=", StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync(BillingPaths.Ledger + "?before=999999999999")).Status);
    }

    [Fact]
    public async Task The_cards_page_is_Stripes_and_leads_back_here()
    {
        using var paid = await PayAsync(await TopUpAsync("20"));
        using var answer = await SendAsync(await browser.GetAsync("/portal/billing"), BillingPaths.Collector);

        Assert.Equal(HttpStatusCode.SeeOther, answer.StatusCode);
        Assert.Equal(portal.Product.Local.Stripe.Endpoint.Authority, answer.Headers.Location!.Authority);
    }

    [Fact]
    public async Task A_trusted_account_subscribes_comes_back_ends_it_after_being_asked_and_sees_what_the_last_invoice_is_for()
    {
        await portal.Of<ISubscriptionCollector>().SetUpAsync(Cancel);
        await portal.Of<PostpaidLimits>().ChangeAsync(customer.Partition.Account, account => account with { Approved = Money.Dollars(100) }, Cancel);
        using var started = await SendAsync(await browser.GetAsync("/portal/billing"), BillingPaths.Subscribe);
        using var paid = await PayAsync(started.Headers.Location!);
        var back = await browser.GetAsync(paid.Headers.Location!.AbsoluteUri);
        using var image = await customer.GenerateAsync("a red fox");
        var limit = (await customer.BalanceAsync()).Limit;
        var asked = await browser.GetAsync(back.Links.Single(each => each == BillingPaths.EndSubscription));
        using var ended = await SendAsync(asked, BillingPaths.EndSubscription);
        var invoices = await browser.GetAsync(BillingPaths.Invoices);
        var invoice = await browser.GetAsync(invoices.Links.First(each => each.StartsWith(BillingPaths.Invoices + "/in_", StringComparison.Ordinal)));

        Assert.Contains("You are subscribed", back.Html, StringComparison.Ordinal);
        Assert.Equal(Money.Dollars(100), limit);
        Assert.EndsWith("?done=ended", ended.Headers.Location!.OriginalString, StringComparison.Ordinal);
        Assert.Equal(Money.Zero, (await customer.BalanceAsync()).Limit);
        Assert.Contains("What it is for", invoice.Html, StringComparison.Ordinal);
        Assert.Equal(2, invoice.Html.Split($"value=\"{(await customer.BalanceAsync()).Owed}\"").Length - 1);
    }

    [Fact]
    public async Task Where_nothing_is_sold_the_page_says_so_and_shows_the_balance()
    {
        await using var free = await Product.StartAsync(options => options with { Identity = true }, ("Stripe:ApiKey", ""));
        using var owner = new PortalBrowser(free);
        await owner.SignInAsync("customer");
        var page = await owner.GetAsync("/portal/billing");

        Assert.Contains("this site has no payments", page.Html, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await owner.GetAsync(BillingPaths.Ledger)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await owner.GetAsync(BillingPaths.Invoices)).Status);
    }

    private static IEnumerable<int> Grants(PortalBrowser.Page page) => page.Html.Split("<span class=\"mono\">gift").Skip(1).Select(each => int.Parse(each.Split('<')[0], CultureInfo.InvariantCulture));

    private async Task<Uri> TopUpAsync(string amount)
    {
        using var answer = await SendAsync(await browser.GetAsync("/portal/billing"), BillingPaths.TopUp, ("amount_usd", amount));
        Assert.Equal(HttpStatusCode.SeeOther, answer.StatusCode);
        return answer.Headers.Location!;
    }

    private async Task<HttpResponseMessage> SendAutomaticAsync((string, string)[] fields, bool isOff = false)
    {
        var page = await browser.GetAsync(BillingPaths.Automatic);
        return await SendAsync(isOff ? page with { Html = page.Html[page.Html.IndexOf("name=\"consent\"", StringComparison.Ordinal)..] } : page, BillingPaths.Automatic, fields);
    }

    private Task<HttpResponseMessage> SendAsync(PortalBrowser.Page page, string action, params (string Name, string Value)[] fields) => SendAsync(browser, page, action, fields);

    /// <summary>The page's form that leads there, up to where it leads: a browser would go on to Stripe.</summary>
    private static async Task<HttpResponseMessage> SendAsync(PortalBrowser browser, PortalBrowser.Page page, string action, params (string Name, string Value)[] fields)
    {
        var form = page.Html.Split("<form method=\"post\"").Skip(1).Single(each => each.Split('>')[0].Contains($"action=\"{action}\"", StringComparison.Ordinal) || (action == BillingPaths.EndSubscription && !each.Split('>')[0].Contains("action", StringComparison.Ordinal)));
        using var content = new FormUrlEncodedContent([.. (page with { Html = form }).Hidden, .. fields.Select(each => KeyValuePair.Create(each.Name, each.Value))]);
        return await browser.Http.PostAsync(new Uri(action, UriKind.Relative), content, Cancel);
    }

    private static async Task<HttpResponseMessage> PayAsync(Uri checkout)
    {
        using var http = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false });
        using var form = new FormUrlEncodedContent([KeyValuePair.Create("card", StripeTestCard.Good.Number)]);
        return await http.PostAsync(checkout, form, Cancel);
    }
}
