using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace ServerlessImages.Tests.Operators;

/// <summary>A directory in the place of Microsoft Entra: it publishes its keys as OpenID providers do, and gives whatever token a test wants.</summary>
internal sealed class OperatorDirectory : IAsyncDisposable
{
    public const string Tenant = "11111111-2222-3333-4444-555555555555";
    public const string Audience = "api://serverlessimages";
    private readonly WebApplication app;
    private RsaSecurityKey key = NewKey();

    private OperatorDirectory(WebApplication app) => this.app = app;

    public Uri Address => new(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());

    public static DateTime Now => TimeProvider.System.GetUtcNow().UtcDateTime;

    public int TimesRead { get; private set; }

    public RsaSecurityKey Key => key;

    public (string Name, string Value)[] Settings => [("Operator:TenantId", Tenant), ("Operator:Audience", Audience), ("Operator:Authority", Address.AbsoluteUri)];

    public static async Task<OperatorDirectory> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var directory = new OperatorDirectory(builder.Build());
        directory.app.MapGet("/.well-known/openid-configuration", () => Results.Json(new { issuer = directory.Address.AbsoluteUri, jwks_uri = new Uri(directory.Address, "/keys") }));
        directory.app.MapGet("/keys", directory.Keys);
        await directory.app.StartAsync(TestContext.Current.CancellationToken);
        return directory;
    }

    public static RsaSecurityKey NewKey() => new(RSA.Create(2048)) { KeyId = Guid.NewGuid().ToString("N") };

    /// <summary>From then on only the new key is published.</summary>
    public void ChangeKey() => key = NewKey();

    /// <summary>A good token, unless a test changes it.</summary>
    public string Token(Action<SecurityTokenDescriptor>? change = null, params string[] roles)
    {
        var token = new SecurityTokenDescriptor
        {
            Issuer = Address.AbsoluteUri,
            Audience = Audience,
            IssuedAt = Now,
            NotBefore = Now.AddMinutes(-1),
            Expires = Now.AddMinutes(30),
            SigningCredentials = new SigningCredentials(key, SecurityAlgorithms.RsaSha256),
            Claims = new Dictionary<string, object> { ["tid"] = Tenant, ["oid"] = "op-1", ["preferred_username"] = "ada@example.com", ["roles"] = roles.Length == 0 ? ["Operator.Read", "Operator.Write"] : roles },
        };
        change?.Invoke(token);
        return new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(token);
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();

    private IResult Keys()
    {
        TimesRead++;
        var jwk = JsonWebKeyConverter.ConvertFromRSASecurityKey(new RsaSecurityKey(key.Rsa.ExportParameters(includePrivateParameters: false)) { KeyId = key.KeyId });
        return Results.Json(new { keys = new[] { new { kty = jwk.Kty, use = "sig", kid = jwk.Kid, n = jwk.N, e = jwk.E } } });
    }
}
