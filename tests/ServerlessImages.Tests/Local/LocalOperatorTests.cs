using System.Net;
using System.Net.Http.Headers;
using ServerlessImages.Local.Identity;
using ServerlessImages.Tests.Api;

namespace ServerlessImages.Tests.Local;

/// <summary>The operator API on one machine: the provider there gives programs the tokens that Microsoft Entra would.</summary>
public sealed class LocalOperatorTests : IAsyncLifetime
{
    private Product product = null!;

    public async ValueTask InitializeAsync() => product = await Product.StartAsync(options => options with { Identity = true });

    public ValueTask DisposeAsync() => product.DisposeAsync();

    [Theory]
    [InlineData("operator", HttpStatusCode.OK, HttpStatusCode.Created)]
    [InlineData("reader", HttpStatusCode.OK, HttpStatusCode.Forbidden)]
    public async Task A_program_has_the_roles_of_the_operator_that_it_calls_itself(string person, HttpStatusCode reading, HttpStatusCode writing)
    {
        using var token = await TokenAsync(person, IdentityEmulator.ClientSecret);
        using var http = new HttpClient { BaseAddress = product.Local.BaseUrl };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", (await token.JsonAsync()).Text("access_token"));

        using var read = await http.GetAsync(new Uri("/operator/v1/accounts", UriKind.Relative), TestContext.Current.CancellationToken);
        using var written = await http.PostAsync(new Uri("/operator/v1/accounts", UriKind.Relative), new StringContent("""{"name":"Lynx"}""", System.Text.Encoding.UTF8, "application/json"), TestContext.Current.CancellationToken);

        Assert.Equal((reading, writing), (read.StatusCode, written.StatusCode));
    }

    [Theory]
    [InlineData("customer", IdentityEmulator.ClientSecret)]
    [InlineData("serverlessimages", IdentityEmulator.ClientSecret)]
    [InlineData("operator", "wrong")]
    public async Task Nobody_else_gets_a_token(string person, string secret)
    {
        using var refused = await TokenAsync(person, secret);

        Assert.False(refused.IsSuccessStatusCode);
    }

    [Fact]
    public void It_listens_on_loopback_alone() => Assert.True(product.Local.Identity!.Endpoint.IsLoopback);

    private async Task<HttpResponseMessage> TokenAsync(string person, string secret)
    {
        using var http = new HttpClient();
        using var form = new FormUrlEncodedContent(new Dictionary<string, string> { ["grant_type"] = "client_credentials", ["client_id"] = person, ["client_secret"] = secret });
        return await http.PostAsync(new Uri(product.Local.Identity!.Endpoint, "token"), form, TestContext.Current.CancellationToken);
    }
}
