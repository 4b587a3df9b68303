using System.Net;
using Microsoft.Extensions.DependencyInjection;
using ServerlessImages.Accounts;
using ServerlessImages.Api.Portal;
using ServerlessImages.Members;
using ServerlessImages.Tests.Api;
using ServerlessImages.Tests.Security;

namespace ServerlessImages.Tests.Portal;

/// <summary>Every page of the running app, from its own route table, with everybody who could ask for it: a new page cannot escape.</summary>
public sealed class PortalMatrixTests : IAsyncLifetime
{
    private Product product = null!;

    public async ValueTask InitializeAsync() => product = await Product.StartAsync(options => options with { Identity = true });

    public ValueTask DisposeAsync() => product.DisposeAsync();

    [Fact]
    public async Task Nobody_sees_a_page_without_signing_in_nor_sends_its_form()
    {
        using var nobody = new PortalBrowser(product);
        foreach (var route in Pages())
        {
            using var response = await route.SendAsync(nobody.Http, _ => "nothing", new FormUrlEncodedContent([]));

            Assert.True(response.StatusCode == HttpStatusCode.Found, $"{route.Name} answered {response.StatusCode}");
            Assert.StartsWith("/portal/sign-in", response.Headers.Location!.OriginalString, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task No_form_of_any_page_counts_without_its_mark()
    {
        using var owner = new PortalBrowser(product);
        await owner.SignInAsync("customer");
        foreach (var route in Pages().Where(route => route.Method != "GET"))
        {
            using var response = await route.SendAsync(owner.Http, _ => "nothing", new FormUrlEncodedContent([]));

            Assert.True(response.StatusCode == HttpStatusCode.BadRequest, $"{route.Name} answered {response.StatusCode}");
        }
    }

    [Fact]
    public async Task Every_role_sees_the_pages_that_it_may_and_no_others()
    {
        foreach (var role in Enum.GetValues<MemberRole>())
        {
            using var member = new PortalBrowser(product);
            await BringInAsync(member, role);
            foreach (var route in Pages().Where(route => route.Method == "GET" && Access(route).Action is not null))
            {
                using var response = await route.SendAsync(member.Http, _ => "nothing");
                var isForbidden = response.StatusCode == HttpStatusCode.Forbidden;
                Assert.True(isForbidden != PortalPermissions.Allows(role, Access(route).Action!.Value), $"{role}: {route.Name} answered {response.StatusCode}");
            }
        }
    }

    [Fact]
    public async Task Every_page_runs_nothing_loads_only_its_own_and_is_kept_by_nobody()
    {
        using var owner = new PortalBrowser(product);
        await owner.SignInAsync("customer");
        foreach (var route in Pages().Where(route => route.Method == "GET"))
        {
            using var response = await route.SendAsync(owner.Http, _ => "nothing");
            if (response.StatusCode == HttpStatusCode.Found) continue;
            var policy = response.Header("Content-Security-Policy");

            Assert.StartsWith("default-src 'none'", policy, StringComparison.Ordinal);
            Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
            Assert.Equal("no-store", response.Header("Cache-Control"));
        }
    }

    private static PortalAccess Access(Route route) => route.Endpoint.Metadata.GetRequiredMetadata<PortalAccess>();

    private Route[] Pages()
    {
        var pages = RouteTable.Of(product).Where(route => route.Endpoint.Metadata.GetMetadata<PortalAccess>() is not null).ToArray();
        Assert.True(pages.Length >= 8);
        return pages;
    }

    private async Task BringInAsync(PortalBrowser browser, MemberRole role)
    {
        var cancel = TestContext.Current.CancellationToken;
        var demo = (await product.Local.Services.GetRequiredService<AccountDirectory>().FindAsync("acct_demo", cancel))!;
        var (_, token) = (await product.Local.Services.GetRequiredService<Invitations>().InviteAsync(demo, role, "person", cancel)).Value();
        var home = await browser.SubmitAsync(await browser.SignInAsync(address: $"{role}@example.com", page: $"/portal/invitations/{token}"));
        Assert.Contains("acct_demo", home.Html, StringComparison.Ordinal);
    }
}
