using System.Net;
using System.Security.Claims;
using System.Security.Cryptography;
using Microsoft.AspNetCore;
using Microsoft.AspNetCore.Authentication;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.Abstractions;
using OpenIddict.Server.AspNetCore;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace ServerlessImages.Local.Identity;

/// <summary>
/// An OpenID Connect provider on this machine (OpenIddict, without a store): one picks who one is, and is. For trying the product, and for tests; it asks
/// nobody for a password, so it listens on loopback only.
/// </summary>
public sealed class IdentityEmulator : IAsyncDisposable
{
    public const string ClientId = "serverlessimages";
    public const string ClientSecret = "local";

    /// <summary>The tenant and the audience of the operator API on this machine.</summary>
    public const string OperatorTenant = "00000000-0000-0000-0000-000000007071";
    public const string OperatorAudience = "api://serverlessimages-local";

    /// <summary>The same from run to run, whatever the port: people are known by it.</summary>
    public static readonly Uri Issuer = new("http://identity.localhost/");

    private readonly WebApplication application;

    private IdentityEmulator(WebApplication application, Uri endpoint) => (this.application, Endpoint) = (application, endpoint);

    public Uri Endpoint { get; }

    /// <param name="redirectUris">Where people may be sent back to.</param>
    public static async Task<IdentityEmulator> StartAsync(int port, IReadOnlyList<Uri> redirectUris, CancellationToken cancel)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port));
        builder.Services.AddOpenIddict().AddServer(options => Configure(options, redirectUris));
        var built = builder.Build();
        built.UseAuthentication();
        built.MapMethods("/authorize", [HttpMethods.Get, HttpMethods.Post], AuthorizeAsync);
        await built.StartAsync(cancel);
        return new(built, new Uri(built.Urls.Single()));
    }

    public async ValueTask DisposeAsync()
    {
        await application.StopAsync(new CancellationToken(canceled: true));
        await application.DisposeAsync();
    }

    private static void Configure(OpenIddictServerBuilder options, IReadOnlyList<Uri> redirectUris)
    {
        options.SetIssuer(Issuer);
        options.SetAuthorizationEndpointUris("authorize").SetTokenEndpointUris("token");
        options.AllowAuthorizationCodeFlow().RequireProofKeyForCodeExchange();
        options.AllowClientCredentialsFlow().DisableAccessTokenEncryption();
        options.RegisterScopes(OpenIddictConstants.Scopes.Profile, OpenIddictConstants.Scopes.Email);

        // Both for this run only; an RSA key would take longer to make than all the rest.
        options.AddEncryptionKey(new SymmetricSecurityKey(RandomNumberGenerator.GetBytes(32))).AddEphemeralSigningKey(SecurityAlgorithms.EcdsaSha256);

        // One client, that is known here: there is nothing to store.
        options.EnableDegradedMode();
        options.UseAspNetCore().EnableAuthorizationEndpointPassthrough().DisableTransportSecurityRequirement();
        options.AddEventHandler<ValidateAuthorizationRequestContext>(handler => handler.UseInlineHandler(context =>
        {
            var isKnown = context.ClientId == ClientId && Uri.TryCreate(context.RedirectUri, UriKind.Absolute, out var redirect) && redirectUris.Contains(redirect);
            if (!isKnown) context.Reject(OpenIddictConstants.Errors.InvalidClient, "Not a client of this provider, or not an address of it.");
            return default;
        }));
        options.AddEventHandler<ValidateTokenRequestContext>(handler => handler.UseInlineHandler(context =>
        {
            // A program is whichever operator it calls itself: the one that comes back with a code is the product.
            var isKnown = context.Request.IsClientCredentialsGrantType() ? OperatorOf(context.ClientId) is not null : context.ClientId == ClientId;
            if (!isKnown || context.ClientSecret != ClientSecret) context.Reject(OpenIddictConstants.Errors.InvalidClient, "Not a client of this provider.");
            return default;
        }));
        options.AddEventHandler<HandleTokenRequestContext>(handler => handler.UseInlineHandler(context =>
        {
            if (context.Request.IsClientCredentialsGrantType() && OperatorOf(context.ClientId) is { } person) context.SignIn(OperatorPrincipalOf(person));
            return default;
        }));
    }

    private static DemoPerson? OperatorOf(string? clientId) => DemoPerson.All.FirstOrDefault(each => each.Subject == clientId && each.Roles.Count > 0);

    private static async Task AuthorizeAsync(HttpContext http)
    {
        var request = http.GetOpenIddictServerRequest() ?? throw new InvalidOperationException("This is no authorization request.");
        if (DemoPerson.Find((string?)request["person"] ?? "", (string?)request["address"] ?? "") is { } person)
        {
            await http.SignInAsync(OpenIddictServerAspNetCoreDefaults.AuthenticationScheme, PrincipalOf(person));
            return;
        }

        http.Response.ContentType = "text/html; charset=utf-8";
        await http.Response.WriteAsync(PickPage.Of(request.GetParameters().Select(each => KeyValuePair.Create(each.Key, (string?)each.Value ?? ""))), http.RequestAborted);
    }

    private static ClaimsPrincipal PrincipalOf(DemoPerson person)
    {
        var identity = new ClaimsIdentity("demo", OpenIddictConstants.Claims.Name, "roles");
        identity.SetClaim(OpenIddictConstants.Claims.Subject, person.Subject);
        identity.SetClaim(OpenIddictConstants.Claims.Email, person.Email);
        identity.SetClaim(OpenIddictConstants.Claims.Name, person.Name);
        foreach (var role in person.Roles) identity.AddClaim(new Claim("roles", role));
        identity.SetDestinations(_ => [OpenIddictConstants.Destinations.IdentityToken]);
        return new ClaimsPrincipal(identity).SetScopes(OpenIddictConstants.Scopes.OpenId, OpenIddictConstants.Scopes.Profile, OpenIddictConstants.Scopes.Email);
    }

    /// <summary>As Microsoft Entra names an operator in an access token.</summary>
    private static ClaimsPrincipal OperatorPrincipalOf(DemoPerson person)
    {
        var identity = new ClaimsIdentity("demo", OpenIddictConstants.Claims.Name, "roles");
        identity.SetClaim(OpenIddictConstants.Claims.Subject, person.Subject);
        identity.SetClaim("oid", person.Subject);
        identity.SetClaim("tid", OperatorTenant);
        identity.SetClaim(OpenIddictConstants.Claims.PreferredUsername, person.Email);
        foreach (var role in person.Roles) identity.AddClaim(new Claim("roles", role));
        identity.SetDestinations(_ => [OpenIddictConstants.Destinations.AccessToken]);
        return new ClaimsPrincipal(identity).SetResources(OperatorAudience);
    }
}
