using System.Net;
using ServerlessImages.Keys;
using ServerlessImages.Tests.Api;
using ServerlessImages.Tests.Operators;

namespace ServerlessImages.Tests.Security;

/// <summary>Every endpoint with every scope: a key opens what its scopes say, and nothing opens without one.</summary>
public sealed class ScopeMatrixTests
{
    [Fact]
    public async Task Every_scope_opens_its_endpoints_and_no_other()
    {
        await using var product = await Product.StartAsync();
        foreach (var scope in Scope.All)
        {
            var customer = await product.CustomerAsync(scopes: scope);
            foreach (var route in RouteTable.Of(product).Where(route => !route.IsOpen))
            {
                using var response = await route.SendAsync(customer.Http, _ => "nothing");
                if (route.Scopes.Contains(scope)) Assert.False(response.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden, $"{scope}: {route.Name} answered {response.StatusCode}");
                else await response.AssertErrorAsync(HttpStatusCode.Forbidden, "missing_scope");
            }
        }
    }

    [Fact]
    public async Task Without_a_key_or_with_a_wrong_one_nothing_is_open_but_what_is_for_everyone()
    {
        await using var product = await Product.StartAsync();
        using var nobody = new HttpClient { BaseAddress = product.Local.BaseUrl };
        using var somebody = new HttpClient { BaseAddress = product.Local.BaseUrl, DefaultRequestHeaders = { { "api-key", "si_live_" + new string('0', 50) } } };
        foreach (var route in RouteTable.Of(product))
        {
            using var first = await route.SendAsync(nobody, _ => "nothing");
            using var second = await route.SendAsync(somebody, _ => "nothing");
            if (route.IsOpen) Assert.DoesNotContain(HttpStatusCode.Unauthorized, (HttpStatusCode[])[first.StatusCode, second.StatusCode]);
            else foreach (var response in (HttpResponseMessage[])[first, second]) await response.AssertErrorAsync(HttpStatusCode.Unauthorized, "invalid_api_key");
        }
    }

    [Fact]
    public async Task No_key_opens_the_operators_endpoints()
    {
        await using var directory = await OperatorDirectory.StartAsync();
        await using var product = await Product.StartAsync(null, directory.Settings);
        var customer = await product.CustomerAsync();
        var routes = RouteTable.Of(product).Where(route => route.IsOfOperator).ToArray();

        Assert.NotEmpty(routes);
        foreach (var route in routes)
        {
            using var response = await route.SendAsync(customer.Http, _ => "nothing");
            await response.AssertErrorAsync(HttpStatusCode.Unauthorized, "invalid_operator_token");
        }
    }
}
