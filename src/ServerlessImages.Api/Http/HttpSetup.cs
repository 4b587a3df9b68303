using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.Extensions.Options;
using ServerlessImages.Api.Functions;
using ServerlessImages.Api.OpenApi;
using ServerlessImages.Api.Portal;

namespace ServerlessImages.Api.Http;

/// <summary>The server and the steps that every request passes.</summary>
internal static class HttpSetup
{
    public static void AddHttp(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptions<SiteOptions>().Bind(builder.Configuration).ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<HttpOptions>().BindConfiguration(HttpOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<ErrorWriter>();
        services.AddSingleton<SecurityHeaders>();
        services.AddSingleton<ClientAddress>();
        services.AddHostedService(provider => provider.GetRequiredService<ClientAddress>());
        services.AddCors();
        services.AddOptions<CorsOptions>().Configure<IOptions<HttpOptions>>((cors, http) => cors.AddDefaultPolicy(policy => BrowserPolicy(policy, http.Value)));
        services.AddRouting();

        // A fault in the wiring stops the start in every environment, not only in development.
        builder.Host.UseDefaultServiceProvider(options => options.ValidateOnBuild = options.ValidateScopes = true);
        builder.WebHost.ConfigureKestrel((context, server) =>
        {
            server.AddServerHeader = false;
            server.Limits.MaxRequestBodySize = context.Configuration.GetSection(HttpOptions.Section).Get<HttpOptions>()?.BodyBytesMax ?? new HttpOptions().BodyBytesMax;
        });
    }

    public static void UseHttp(this WebApplication app)
    {
        app.UseMiddleware<CallMiddleware>();
        app.UseTriggers();
        app.UseStatusCodePages(AnswerBareStatusAsync);
        app.UseSignIn();
        app.UseRouting();
        app.UseCors();
        app.UseMiddleware<AccessMiddleware>();
        app.UseMiddleware<BodyLimitMiddleware>();
        app.UsePortal();
    }

    /// <summary>Pages of these origins may call with a key of their own; there are no cookies to send along. Without an origin, no page of another origin may read an answer.</summary>
    private static void BrowserPolicy(CorsPolicyBuilder policy, HttpOptions http) => policy
        .WithOrigins([.. http.CorsOrigins])
        .WithMethods("GET", "POST", "PUT", "DELETE")
        .WithHeaders("Authorization", "api-key", "Content-Type", "Idempotency-Key", "x-idempotency-key", "Last-Event-ID")
        .WithExposedHeaders([.. ApiOperations.EveryAnswer.Concat(ApiOperations.ImageHeaders).Select(header => header.Name), "Retry-After", "Location"])
        .SetPreflightMaxAge(TimeSpan.FromMinutes(10));

    /// <summary>Routing answers an unknown path or method with a bare status; callers get the shape that every error has.</summary>
    private static Task AnswerBareStatusAsync(StatusCodeContext context)
    {
        var http = context.HttpContext;
        var errors = http.RequestServices.GetRequiredService<ErrorWriter>();
        return http.Response.StatusCode switch
        {
            StatusCodes.Status404NotFound => errors.WriteAsync(http, ApiError.EndpointNotFound),
            StatusCodes.Status405MethodNotAllowed => errors.WriteAsync(http, ApiError.MethodNotAllowed),
            _ => Task.CompletedTask,
        };
    }
}
