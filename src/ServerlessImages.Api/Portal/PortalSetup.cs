using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using ServerlessImages.Accounts;
using ServerlessImages.Api.Http;
using ServerlessImages.Api.Portal.Overview;
using ServerlessImages.Api.Portal.Playground;
using ServerlessImages.Api.Portal.Requests;
using ServerlessImages.Billing;
using ServerlessImages.Identity;
using ServerlessImages.Images;
using ServerlessImages.Members;
using ServerlessImages.Notices;
using ServerlessImages.Smtp;

namespace ServerlessImages.Api.Portal;

/// <summary>Puts the portal together where people can sign in. Where they cannot, there are no pages either.</summary>
internal static partial class PortalSetup
{
    private const string FormCookie = "portal-form";

    /// <summary>Call it when all settings are there.</summary>
    public static void AddPortal(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        var publicUrl = builder.Configuration.GetValue<Uri>(nameof(SiteOptions.PublicUrl));
        services.AddIdentity(builder.Configuration, publicUrl, PortalSchemes.Session, PortalSchemes.Provider);
        services.AddSingleton<People>();
        services.AddSingleton<MemberDirectory>();
        services.AddSingleton<Invitations>();
        services.AddSingleton<BeginAccount>();
        services.AddSingleton<KeyNames>();
        services.AddSingleton<ShowRequests>();
        services.AddSingleton<ReadOverview>();
        services.AddSingleton<EndAccess>();
        services.AddSingleton<DeleteAllResults>();
        services.AddSingleton<CloseAccount>();
        services.AddSingleton<AccountExport>();
        services.AddSingleton<ReadNotices>();
        services.AddSmtp(builder.Configuration);
        if (!services.Any(each => each.ServiceType == typeof(IAuthenticationService))) return;

        if (services.Any(each => each.ServiceType == typeof(INoticeMailer))) services.AddSingleton(provider => ActivatorUtilities.CreateInstance<MailNotices>(provider, new Uri(publicUrl!, PortalPaths.Home)));
        services.AddPlayground();
        services.AddBillingPages();
        services.AddAntiforgery();
        services.AddOptions<AntiforgeryOptions>().Configure<IOptions<SiteOptions>>((forms, site) =>
        {
            var isHttps = site.Value.PublicUrl?.Scheme == Uri.UriSchemeHttps;
            forms.Cookie.Name = isHttps ? "__Host-" + FormCookie : FormCookie;
            forms.Cookie.Path = "/";
            forms.Cookie.SameSite = SameSiteMode.Lax;
            forms.Cookie.SecurePolicy = isHttps ? CookieSecurePolicy.Always : CookieSecurePolicy.None;

            // The policy of every page forbids frames; the header for old browsers would be a second word on it.
            forms.SuppressXFrameOptionsHeader = true;
        });
    }

    public static bool HasPortal(this WebApplication app) => app.Services.GetService<IAuthenticationSchemeProvider>() is not null;

    /// <summary>Behind the limits of bodies: a form is read to find its mark.</summary>
    public static void UsePortal(this WebApplication app)
    {
        if (app.HasPortal()) app.UseMiddleware<PortalGate>();
    }

    /// <summary>Before routing: it answers what comes back from the provider, and nothing outside of the portal.</summary>
    public static void UseSignIn(this WebApplication app)
    {
        if (app.HasPortal()) app.UseWhen(http => http.Request.Path.StartsWithSegments(PortalPaths.Home, StringComparison.Ordinal), portal => portal.UseAuthentication());
        else Log.NoIdentity(app.Logger);
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Information, Message = "Identity:Authority is not set: there is no sign-in, and no portal.")]
        public static partial void NoIdentity(ILogger logger);
    }
}
