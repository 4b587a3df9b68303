using System.Net;
using ServerlessImages.Api.Operators;
using ServerlessImages.Tests.Api;
using ServerlessImages.Tests.Operators;

namespace ServerlessImages.Tests.Security;

/// <summary>Every endpoint of the operator with every role: what changes something is for those who may write, and a role opens nothing else.</summary>
public sealed class OperatorRoleMatrixTests
{
    [Fact]
    public async Task Each_role_opens_its_endpoints_and_no_other()
    {
        await using var desk = await Desk.StartAsync();
        foreach (var role in (string[])[OperatorAccess.Read, OperatorAccess.Write])
        {
            using var http = desk.As(role);
            foreach (var route in RouteTable.Of(desk.Product).Where(route => route.IsOfOperator))
            {
                using var response = await route.SendAsync(http, _ => "nothing");
                if (route.Endpoint.Metadata.OfType<OperatorAccess>().Single().Role == role) Assert.False(response.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden, $"{role}: {route.Name} answered {response.StatusCode}");
                else await response.AssertErrorAsync(HttpStatusCode.Forbidden, "missing_role");
            }
        }
    }

    [Fact]
    public async Task Reading_never_asks_for_the_role_that_writes_and_writing_always_does()
    {
        await using var desk = await Desk.StartAsync();

        Assert.All(RouteTable.Of(desk.Product).Where(route => route.IsOfOperator && !route.Name.EndsWith("/preview", StringComparison.Ordinal)), route => Assert.Equal(route.Method == "GET" ? OperatorAccess.Read : OperatorAccess.Write, route.Endpoint.Metadata.OfType<OperatorAccess>().Single().Role));
    }

    [Fact]
    public async Task Nobody_is_let_in_without_a_token()
    {
        await using var desk = await Desk.StartAsync();
        using var nobody = new HttpClient { BaseAddress = desk.Product.Local.BaseUrl };
        foreach (var route in RouteTable.Of(desk.Product).Where(route => route.IsOfOperator))
        {
            using var response = await route.SendAsync(nobody, _ => "nothing");
            await response.AssertErrorAsync(HttpStatusCode.Unauthorized, "invalid_operator_token");
        }
    }
}
