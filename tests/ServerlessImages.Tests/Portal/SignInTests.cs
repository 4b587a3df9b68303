using System.Net;
using Microsoft.Extensions.DependencyInjection;
using ServerlessImages.Accounts;
using ServerlessImages.Members;
using ServerlessImages.Storage;
using ServerlessImages.Tests.Api;

namespace ServerlessImages.Tests.Portal;

/// <summary>Signing in at the provider of this machine, by HTTP from one end to the other.</summary>
public sealed class SignInTests : IAsyncLifetime
{
    private Product product = null!;
    private PortalBrowser browser = null!;

    public async ValueTask InitializeAsync()
    {
        product = await Product.StartAsync(options => options with { Identity = true });
        browser = new PortalBrowser(product);
    }

    public async ValueTask DisposeAsync()
    {
        browser.Dispose();
        await product.DisposeAsync();
    }

    [Fact]
    public async Task Whoever_comes_for_the_first_time_accepts_the_terms_before_anything_else_and_owns_a_new_account()
    {
        var asked = await browser.GetAsync("/portal");
        var provider = await browser.GetAsync(asked.Links.Single(link => link.Contains("/sign-in/start", StringComparison.Ordinal)));
        var terms = await browser.SubmitAsync(provider, ("address", "new@example.com"));
        var impatient = await browser.GetAsync("/portal/accounts");
        var unwilling = await browser.SubmitAsync(terms);
        var home = await browser.SubmitAsync(unwilling, ("accept", "on"));

        Assert.Equal(("/portal/sign-in", "/authorize", "/portal/terms", "/portal/terms", "/portal/terms", "/portal"), (asked.Path, provider.Path, terms.Path, impatient.Path, unwilling.Path, home.Path));
        Assert.Contains("You are new, owner of the account", home.Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_comes_again_has_the_same_account_and_is_not_asked_again()
    {
        var first = await browser.SignInAsync(address: "again@example.com");
        using var other = new PortalBrowser(product);
        var asked = await other.GetAsync("/portal");
        var home = await other.SubmitAsync(await other.GetAsync(asked.Links.Single(link => link.Contains("/sign-in/start", StringComparison.Ordinal))), ("address", "again@example.com"));

        Assert.Equal("/portal", home.Path);
        Assert.Equal(AccountIn(first), AccountIn(home));
    }

    [Fact]
    public async Task The_demo_customer_owns_the_demo_account()
    {
        Assert.Equal("acct_demo", AccountIn(await browser.SignInAsync("customer")));
    }

    [Fact]
    public async Task The_session_is_in_a_cookie_that_scripts_and_other_sites_do_not_get()
    {
        await browser.SignInAsync("customer");
        using var response = await browser.Http.GetAsync(new Uri("/portal/sign-in/start", UriKind.Relative), TestContext.Current.CancellationToken);
        var session = browser.Cookies["portal"]!;

        Assert.True(session.HttpOnly);
        Assert.All(response.Headers.GetValues("Set-Cookie"), cookie => Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase));
        Assert.All(response.Headers.GetValues("Set-Cookie"), cookie => Assert.Contains("samesite=lax", cookie, StringComparison.OrdinalIgnoreCase));
        Assert.DoesNotContain("fox@example.com", session.Value, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_form_without_its_mark_or_with_anothers_changes_nothing()
    {
        var home = await browser.SignInAsync("customer");
        using var other = new PortalBrowser(product);
        var others = await other.SignInAsync(address: "other@example.com");
        var mark = others.Hidden.First().Value;

        var without = await browser.SubmitAsync(home with { Html = "<form method=\"post\" action=\"/portal/sign-out\"></form>" });
        var with = await browser.SubmitAsync(home with { Html = home.Html.Replace(home.Hidden.First().Value, mark, StringComparison.Ordinal) });

        Assert.Equal((HttpStatusCode.BadRequest, HttpStatusCode.BadRequest), (without.Status, with.Status));
        Assert.Contains("This form was not made for this session", without.Html, StringComparison.Ordinal);
        Assert.Equal("/portal", (await browser.GetAsync("/portal")).Path);
    }

    [Fact]
    public async Task Signing_out_ends_the_session()
    {
        var home = await browser.SignInAsync("customer");
        var gone = await browser.SubmitAsync(home);

        Assert.Equal("/portal/sign-in", gone.Path);
        Assert.Equal("/portal/sign-in", (await browser.GetAsync("/portal")).Path);
    }

    [Theory]
    [InlineData("https://evil.example.com/")]
    [InlineData("//evil.example.com/portal")]
    public async Task A_link_leads_to_no_other_site_after_signing_in(string evil)
    {
        var page = await browser.GetAsync("/portal/sign-in?return=" + Uri.EscapeDataString(evil));
        Assert.DoesNotContain("evil", page.Html, StringComparison.Ordinal);

        var provider = await browser.GetAsync("/portal/sign-in/start?return=" + Uri.EscapeDataString(evil));
        var back = await browser.SubmitAsync(provider, ("person", "customer"));

        Assert.Equal(product.Local.BaseUrl.Authority, back.Address.Authority);
    }

    [Fact]
    public async Task An_invitation_is_followed_through_signing_in_and_brings_the_role()
    {
        var services = product.Local.Services;
        var account = (await services.GetRequiredService<AccountDirectory>().FindAsync("acct_demo", TestContext.Current.CancellationToken))!;
        var (_, token) = (await services.GetRequiredService<Invitations>().InviteAsync(account, MemberRole.Billing, "person", TestContext.Current.CancellationToken)).Value();

        var invitation = await browser.SignInAsync(address: "payer@example.com", page: $"/portal/invitations/{token}");
        var home = await browser.SubmitAsync(invitation);
        var again = await browser.GetAsync($"/portal/invitations/{token}");

        Assert.Contains("Demo", invitation.Html, StringComparison.Ordinal);
        Assert.Contains("billing of the account <code>acct_demo</code>", home.Html, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, again.Status);
    }

    [Fact]
    public async Task Whoever_is_in_several_accounts_chooses_and_can_choose_none_of_others()
    {
        var home = await browser.SignInAsync(address: "several@example.com");
        using var stranger = new PortalBrowser(product);
        var strangers = AccountIn(await stranger.SignInAsync(address: "stranger@example.com"));
        var services = product.Local.Services;
        var demo = (await services.GetRequiredService<AccountDirectory>().FindAsync("acct_demo", TestContext.Current.CancellationToken))!;
        var (_, token) = (await services.GetRequiredService<Invitations>().InviteAsync(demo, MemberRole.Developer, "person", TestContext.Current.CancellationToken)).Value();
        await browser.SubmitAsync(await browser.GetAsync($"/portal/invitations/{token}"));

        var choice = await browser.GetAsync("/portal/accounts");
        var back = await browser.SubmitAsync(choice with { Html = Without(choice) }, ("account", AccountIn(home)));
        var refused = await browser.SubmitAsync(choice with { Html = Without(choice) }, ("account", strangers));

        Assert.Equal(AccountIn(home), AccountIn(back));
        Assert.Equal(HttpStatusCode.NotFound, refused.Status);
        Assert.Equal(AccountIn(home), AccountIn(await browser.GetAsync("/portal")));
    }

    [Fact]
    public async Task Who_was_taken_out_of_an_account_is_out_with_the_next_click()
    {
        var services = product.Local.Services;
        var demo = (await services.GetRequiredService<AccountDirectory>().FindAsync("acct_demo", TestContext.Current.CancellationToken))!;
        var (_, token) = (await services.GetRequiredService<Invitations>().InviteAsync(demo, MemberRole.Developer, "person", TestContext.Current.CancellationToken)).Value();
        var home = await browser.SubmitAsync(await browser.SignInAsync(address: "leaving@example.com", page: $"/portal/invitations/{token}"));
        var member = (await services.GetRequiredService<MemberDirectory>().MembersAsync("acct_demo", TestContext.Current.CancellationToken)).Single(each => each.Person.Email == "leaving@example.com");
        (await services.GetRequiredService<MemberDirectory>().RemoveAsync("acct_demo", member.Person.Id, TestContext.Current.CancellationToken)).Value();

        Assert.Equal("acct_demo", AccountIn(home));
        Assert.NotEqual("acct_demo", AccountIn(await browser.GetAsync("/portal")));
    }

    [Fact]
    public async Task A_session_is_good_on_an_instance_that_was_started_later()
    {
        var home = await browser.SignInAsync("customer");
        await product.RestartAsync();

        Assert.Equal(AccountIn(home), AccountIn(await browser.GetAsync("/portal")));
    }

    [Fact]
    public async Task The_stored_keys_of_sessions_are_sealed()
    {
        await browser.SignInAsync("customer");
        var blob = (await product.Local.Services.GetRequiredService<IBlobStore>().OpenAsync("dataprotection/000001", TestContext.Current.CancellationToken))!;
        await using var stream = blob.Stream;
        using var reader = new StreamReader(stream);
        var text = await reader.ReadToEndAsync(TestContext.Current.CancellationToken);

        Assert.Contains("<sealed pepper=\"1\"", text, StringComparison.Ordinal);
        Assert.DoesNotContain("masterKey", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_API_key_opens_no_page_and_a_session_opens_no_endpoint()
    {
        await browser.SignInAsync("customer");
        using var session = await browser.Http.GetAsync(new Uri("/v1/balance", UriKind.Relative), TestContext.Current.CancellationToken);
        var customer = await product.CustomerAsync();
        using var handler = new HttpClientHandler { AllowAutoRedirect = false };
        using var keyed = new HttpClient(handler) { BaseAddress = product.Local.BaseUrl, DefaultRequestHeaders = { { "api-key", customer.Key } } };
        using var page = await keyed.GetAsync(new Uri("/portal", UriKind.Relative), TestContext.Current.CancellationToken);

        await session.AssertErrorAsync(HttpStatusCode.Unauthorized, "invalid_api_key");
        Assert.Equal((HttpStatusCode.Found, "/portal/sign-in"), (page.StatusCode, page.Headers.Location!.OriginalString));
    }

    private static string Without(PortalBrowser.Page page) => page.Html.Replace("name=\"account\"", "name=\"account-before\"", StringComparison.Ordinal);

    private static string AccountIn(PortalBrowser.Page page) => page.Html.Contains("<code>", StringComparison.Ordinal) ? page.Html.Split("<code>")[1].Split("</code>")[0] : throw new InvalidOperationException($"{page.Address}: {page.Html}");
}
