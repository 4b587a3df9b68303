using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Microsoft.IdentityModel.Tokens;
using ServerlessImages.Tests.Api;

namespace ServerlessImages.Tests.Operators;

/// <summary>Who is an operator, and who only says so.</summary>
public sealed class OperatorTokenTests : IAsyncLifetime
{
    private OperatorDirectory directory = null!;
    private Product product = null!;

    public async ValueTask InitializeAsync()
    {
        directory = await OperatorDirectory.StartAsync();
        product = await Product.StartAsync(null, directory.Settings);
    }

    public async ValueTask DisposeAsync()
    {
        await product.DisposeAsync();
        await directory.DisposeAsync();
    }

    public static TheoryData<string> Forgeries => [.. Wrong.Keys];

    private static Dictionary<string, Action<SecurityTokenDescriptor>> Wrong { get; } = new(StringComparer.Ordinal)
    {
        ["another audience"] = token => token.Audience = "api://another",
        ["no audience"] = token => token.Audience = null,
        ["another issuer"] = token => token.Issuer = "https://login.microsoftonline.com/99999999-2222-3333-4444-555555555555/v2.0",
        ["another tenant"] = token => token.Claims["tid"] = "99999999-2222-3333-4444-555555555555",
        ["no tenant"] = token => token.Claims.Remove("tid"),
        ["no name for the operator"] = token => token.Claims.Remove("oid"),
        ["expired"] = token => (token.NotBefore, token.Expires) = (OperatorDirectory.Now.AddHours(-2), OperatorDirectory.Now.AddMinutes(-2)),
        ["without an end"] = token => token.Expires = null,
        ["not yet"] = token => token.NotBefore = OperatorDirectory.Now.AddMinutes(2),
        ["signed by another"] = token => token.SigningCredentials = new SigningCredentials(OperatorDirectory.NewKey(), SecurityAlgorithms.RsaSha256),
        ["signed by another under the same name"] = token => token.SigningCredentials = new SigningCredentials(new RsaSecurityKey(OperatorDirectory.NewKey().Rsa) { KeyId = token.SigningCredentials.Key.KeyId }, SecurityAlgorithms.RsaSha256),
        ["signed with the public key as a secret"] = token => token.SigningCredentials = new SigningCredentials(new SymmetricSecurityKey(((RsaSecurityKey)token.SigningCredentials.Key).Rsa.ExportRSAPublicKey()) { KeyId = token.SigningCredentials.Key.KeyId }, SecurityAlgorithms.HmacSha256),
        ["not signed"] = token => token.SigningCredentials = null,
    };

    [Theory]
    [MemberData(nameof(Forgeries))]
    public async Task A_token_that_is_not_good_is_refused(string what)
    {
        using var response = await ReadAsync(directory.Token(Wrong[what]));

        await response.AssertErrorAsync(HttpStatusCode.Unauthorized, "invalid_operator_token");
    }

    [Fact]
    public async Task A_good_token_is_let_in_and_one_without_the_role_is_not()
    {
        using var good = await ReadAsync(directory.Token(null, "Operator.Read"));
        using var other = await ReadAsync(directory.Token(null, "Operator.Write"));
        using var none = await ReadAsync(directory.Token(token => token.Claims.Remove("roles")));

        Assert.Equal(HttpStatusCode.OK, good.StatusCode);
        await other.AssertErrorAsync(HttpStatusCode.Forbidden, "missing_role");
        await none.AssertErrorAsync(HttpStatusCode.Forbidden, "missing_role");
    }

    [Fact]
    public async Task An_API_key_is_no_token_and_a_token_is_no_API_key()
    {
        var customer = await product.CustomerAsync();
        using var withKey = await ReadAsync(customer.Key);
        customer.Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", directory.Token());
        using var withToken = await customer.Http.GetAsync(new Uri("/v1/balance", UriKind.Relative), TestContext.Current.CancellationToken);
        using var without = await ReadAsync(null);

        await withKey.AssertErrorAsync(HttpStatusCode.Unauthorized, "invalid_operator_token");
        await withToken.AssertErrorAsync(HttpStatusCode.Unauthorized, "invalid_api_key");
        await without.AssertErrorAsync(HttpStatusCode.Unauthorized, "invalid_operator_token");
    }

    [Fact]
    public async Task The_directorys_keys_are_read_once_for_many_tokens()
    {
        for (var times = 0; times < 3; times++)
        {
            using var response = await ReadAsync(directory.Token());
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }

        Assert.Equal(1, directory.TimesRead);
    }

    [Fact]
    public async Task Without_the_directory_nobody_is_let_in_and_the_answer_says_why()
    {
        var token = directory.Token();
        await directory.DisposeAsync();

        using var response = await ReadAsync(token);

        await response.AssertErrorAsync(HttpStatusCode.ServiceUnavailable, "operator_login_unavailable");
    }

    [Fact]
    public async Task Without_a_tenant_there_is_no_operator_API()
    {
        await using var plain = await Product.StartAsync();
        using var http = new HttpClient { BaseAddress = plain.Local.BaseUrl };
        using var content = new StringContent("{}", Encoding.UTF8, "application/json");
        using var response = await http.PostAsync(new Uri("/operator/v1/accounts", UriKind.Relative), content, TestContext.Current.CancellationToken);

        await response.AssertErrorAsync(HttpStatusCode.NotFound, "endpoint_not_found");
    }

    private async Task<HttpResponseMessage> ReadAsync(string? token)
    {
        using var http = new HttpClient { BaseAddress = product.Local.BaseUrl };
        if (token is not null) http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return await http.GetAsync(new Uri("/operator/v1/audit", UriKind.Relative), TestContext.Current.CancellationToken);
    }
}
