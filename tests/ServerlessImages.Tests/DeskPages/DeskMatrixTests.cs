using System.Net;
using ServerlessImages.Api.Operators;
using ServerlessImages.Api.Portal;
using ServerlessImages.Tests.Api;
using ServerlessImages.Tests.Portal;
using ServerlessImages.Tests.Security;

namespace ServerlessImages.Tests.DeskPages;

/// <summary>Every page of the desk, from the app's own route table, with everybody who could ask for it.</summary>
public sealed class DeskMatrixTests(DeskFixture desk) : IClassFixture<DeskFixture>
{
    [Fact]
    public async Task Nobody_sees_a_page_without_signing_in_nor_sends_its_form()
    {
        using var nobody = new PortalBrowser(desk.Product);
        foreach (var route in Pages())
        {
            using var response = await route.SendAsync(nobody.Http, Value, new FormUrlEncodedContent([]));

            Assert.True(response.StatusCode == HttpStatusCode.Found, $"{route.Name} answered {response.StatusCode}");
            Assert.StartsWith("/portal/sign-in", response.Headers.Location!.OriginalString, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_customer_is_let_into_none()
    {
        using var customer = new PortalBrowser(desk.Product);
        await customer.SignInAsync("customer");
        var mark = MarkOf(await customer.GetAsync("/portal"));
        foreach (var route in Pages())
        {
            using var response = await route.SendAsync(customer.Http, Value, new FormUrlEncodedContent([mark]));

            Assert.True(response.StatusCode == HttpStatusCode.Forbidden, $"{route.Name} answered {response.StatusCode}");
        }
    }

    [Fact]
    public async Task Whoever_may_only_look_sees_what_asks_for_no_more_and_does_nothing()
    {
        using var reader = await desk.SignInAsync("reader");
        var mark = MarkOf(await reader.GetAsync("/operator"));
        foreach (var route in Pages())
        {
            using var response = await route.SendAsync(reader.Http, Value, new FormUrlEncodedContent([mark]));
            var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

            if (RoleOf(route) == OperatorAccess.Read) Assert.True(response.StatusCode == HttpStatusCode.OK || IsOfNothing(response), $"{route.Name} answered {response.StatusCode}");
            else Assert.True(response.StatusCode == HttpStatusCode.Forbidden && text.Contains("Operator.Write", StringComparison.Ordinal), $"{route.Name} answered {response.StatusCode}");
        }
    }

    [Fact]
    public async Task Whoever_may_act_is_let_into_all()
    {
        var mark = MarkOf(await desk.Operator.GetAsync("/operator"));
        foreach (var route in Pages())
        {
            using var response = await route.SendAsync(desk.Operator.Http, Value, new FormUrlEncodedContent([mark]));

            // What is sent lacks everything that has to be filled in.
            var isGood = route.Method == "GET" ? response.StatusCode == HttpStatusCode.OK : response.StatusCode == HttpStatusCode.UnprocessableEntity;
            Assert.True(isGood || IsOfNothing(response), $"{route.Name} answered {response.StatusCode}");
        }
    }

    [Fact]
    public async Task No_form_of_any_page_counts_without_its_mark()
    {
        foreach (var route in Pages().Where(route => route.Method != "GET"))
        {
            using var response = await route.SendAsync(desk.Operator.Http, Value, new FormUrlEncodedContent([]));

            Assert.True(response.StatusCode == HttpStatusCode.BadRequest, $"{route.Name} answered {response.StatusCode}");
        }
    }

    [Fact]
    public async Task Every_page_runs_nothing_loads_only_its_own_and_is_kept_by_nobody()
    {
        foreach (var route in Pages().Where(route => route.Method == "GET"))
        {
            using var response = await route.SendAsync(desk.Operator.Http, Value);
            var policy = response.Header("Content-Security-Policy");

            Assert.StartsWith("default-src 'none'", policy, StringComparison.Ordinal);
            Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
            Assert.Equal("no-store", response.Header("Cache-Control"));
        }
    }

    [Fact]
    public void What_changes_something_asks_for_the_role_that_acts() =>
        Assert.All(Pages().Where(route => route.Method != "GET"), route => Assert.Equal(OperatorAccess.Write, RoleOf(route)));

    /// <summary>The demo account, so that its pages are shown and not only missed.</summary>
    private static string Value(string parameter) => parameter switch
    {
        "id" => "acct_demo",
        "model" => TestCatalog.FlatModel,
        _ => "nothing",
    };

    /// <summary>Of a key or a day that is not there.</summary>
    private static bool IsOfNothing(HttpResponseMessage response) =>
        response.StatusCode == HttpStatusCode.NotFound && response.RequestMessage!.RequestUri!.AbsolutePath.Contains("/nothing", StringComparison.Ordinal);

    private static string RoleOf(Route route) => route.Endpoint.Metadata.GetRequiredMetadata<DeskAccess>().Role;

    private static KeyValuePair<string, string> MarkOf(PortalBrowser.Page page) => page.Hidden.First();

    private Route[] Pages()
    {
        var pages = RouteTable.Of(desk.Product).Where(route => route.Endpoint.Metadata.GetMetadata<DeskAccess>() is not null).ToArray();
        Assert.True(pages.Length >= 38);
        return pages;
    }
}
