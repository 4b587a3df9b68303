using Microsoft.AspNetCore.Diagnostics;

namespace ServerlessImages.Api.Http;

/// <summary>The server and the steps that every request passes.</summary>
internal static class HttpSetup
{
    /// <summary>Where the Functions host listens for this process: on loopback, on the port that it names.</summary>
    private const string FunctionsPort = "FUNCTIONS_CUSTOMHANDLER_PORT";

    public static void AddHttp(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptions<SiteOptions>().Bind(builder.Configuration).ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<HttpOptions>().BindConfiguration(HttpOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<ErrorWriter>();
        services.AddRouting();

        // A fault in the wiring stops the start in every environment, not only in development.
        builder.Host.UseDefaultServiceProvider(options => options.ValidateOnBuild = options.ValidateScopes = true);
        builder.WebHost.ConfigureKestrel((context, server) =>
        {
            server.AddServerHeader = false;
            server.Limits.MaxRequestBodySize = context.Configuration.GetSection(HttpOptions.Section).Get<HttpOptions>()?.BodyBytesMax ?? new HttpOptions().BodyBytesMax;
        });

        // The configuration includes the environment, and so the host's own ASPNETCORE_URLS: the named port has to win.
        if (builder.Configuration[FunctionsPort] is { Length: > 0 } port) builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
    }

    public static void UseHttp(this WebApplication app)
    {
        app.UseMiddleware<CallMiddleware>();
        app.UseStatusCodePages(AnswerBareStatusAsync);
        app.UseRouting();
        app.UseMiddleware<AccessMiddleware>();
        app.UseMiddleware<BodyLimitMiddleware>();
    }
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
