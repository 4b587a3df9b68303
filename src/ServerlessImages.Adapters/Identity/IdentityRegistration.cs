using System.Security.Claims;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using ServerlessImages.Keys;
using ServerlessImages.Members;
using ServerlessImages.Storage;

namespace ServerlessImages.Identity;

public static class IdentityRegistration
{
    private const string CallbackPath = "/portal/sign-in/callback";
    private static readonly TimeSpan ProviderTimeMax = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Sign-in at an OpenID Connect provider (code and PKCE) and sessions in a cookie, from the section <see cref="IdentityOptions.Section"/>. Call it when all
    /// settings are there: without an authority there is neither.
    /// </summary>
    /// <param name="publicUrl">Where callers reach the product: the provider sends people back there, whatever the Host header says.</param>
    /// <param name="session">The name of the scheme, and of the cookie, that a session is.</param>
    /// <param name="provider">The name of the scheme that signs people in.</param>
    public static void AddIdentity(this IServiceCollection services, IConfiguration configuration, Uri? publicUrl, string session, string provider)
    {
        services.AddOptions<IdentityOptions>().BindConfiguration(IdentityOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        if (configuration.GetSection(IdentityOptions.Section).Get<IdentityOptions>() is not { IsOn: true } options || publicUrl is null) return;

        services.AddDataProtection().SetApplicationName("ServerlessImages");

        // It reads the key ring before the first answer of every instance, most of which never see a session.
        foreach (var warmUp in services.Where(each => each.ImplementationType?.Name == "DataProtectionHostedService").ToArray()) services.Remove(warmUp);
        services.AddOptions<KeyManagementOptions>().Configure<IBlobStore, Peppers>((keys, blobs, peppers) =>
        {
            keys.XmlRepository = new KeyRing(blobs);
            keys.XmlEncryptor = new PepperXmlEncryptor(peppers);
        });
        services.AddAuthentication(session)
            .AddCookie(session, cookie => Configure(cookie, options, publicUrl, session))
            .AddOpenIdConnect(provider, oidc => Configure(oidc, options, publicUrl, session));
    }

    private static void Configure(CookieAuthenticationOptions cookie, IdentityOptions options, Uri publicUrl, string name)
    {
        cookie.Cookie.Name = NameOf(name, publicUrl);
        cookie.Cookie.Path = "/";
        cookie.Cookie.HttpOnly = true;
        cookie.Cookie.SameSite = SameSiteMode.Lax;
        cookie.Cookie.SecurePolicy = PolicyOf(publicUrl);
        cookie.ExpireTimeSpan = options.SessionIdleMax;
        cookie.SlidingExpiration = true;
        cookie.Events.OnValidatePrincipal = context =>
        {
            var now = (context.Options.TimeProvider ?? TimeProvider.System).GetUtcNow();
            if (!SessionClaims.IsYoungerThan(context.Principal!, now, options.SessionMax)) context.RejectPrincipal();
            return Task.CompletedTask;
        };
    }

    private static void Configure(OpenIdConnectOptions oidc, IdentityOptions options, Uri publicUrl, string session)
    {
        oidc.SignInScheme = session;
        oidc.Authority = options.Authority!.AbsoluteUri;
        oidc.RequireHttpsMetadata = !options.Authority.IsLoopback;
        oidc.ClientId = options.ClientId;
        oidc.ClientSecret = options.ClientSecret;
        oidc.ResponseType = OpenIdConnectResponseType.Code;

        // By query: a form that another site posts would not bring along cookies that are Lax.
        oidc.ResponseMode = OpenIdConnectResponseMode.Query;
        oidc.UsePkce = true;
        oidc.CallbackPath = CallbackPath;
        oidc.SignedOutCallbackPath = "/portal/sign-out/callback";
        oidc.MapInboundClaims = false;
        oidc.SaveTokens = false;
        oidc.GetClaimsFromUserInfoEndpoint = false;
        oidc.BackchannelTimeout = ProviderTimeMax;
        oidc.Scope.Clear();
        foreach (var scope in options.Scopes.Split(' ', StringSplitOptions.RemoveEmptyEntries).Prepend(OpenIdConnectScope.OpenId).Distinct()) oidc.Scope.Add(scope);
        foreach (var cookie in (CookieBuilder[])[oidc.CorrelationCookie, oidc.NonceCookie])
        {
            cookie.SameSite = SameSiteMode.Lax;
            cookie.SecurePolicy = PolicyOf(publicUrl);
        }

        oidc.Events.OnRedirectToIdentityProvider = context =>
        {
            context.ProtocolMessage.RedirectUri = new Uri(publicUrl, CallbackPath).AbsoluteUri;
            return Task.CompletedTask;
        };
        oidc.Events.OnTokenValidated = context =>
        {
            var now = (context.Options.TimeProvider ?? TimeProvider.System).GetUtcNow();
            context.Principal = new ClaimsPrincipal(SessionClaims.Of(context.Principal!, options.OperatorClaim, now, session));
            return Task.CompletedTask;
        };

        // Whoever cancels at the provider, or comes back too late, has done nothing wrong: they see why, and may try again.
        oidc.Events.OnRemoteFailure = context =>
        {
            context.Response.Redirect("/portal/sign-in?failed=true");
            context.HandleResponse();
            return Task.CompletedTask;
        };
    }

    /// <summary>A browser takes a cookie of such a name only by https, from this host, for all of it.</summary>
    private static string NameOf(string name, Uri publicUrl) => publicUrl.Scheme == Uri.UriSchemeHttps ? "__Host-" + name : name;

    private static CookieSecurePolicy PolicyOf(Uri publicUrl) => publicUrl is { IsLoopback: true, Scheme: "http" } ? CookieSecurePolicy.None : CookieSecurePolicy.Always;
}
