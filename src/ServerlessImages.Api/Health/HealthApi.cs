using ServerlessImages.Api.Http;

namespace ServerlessImages.Api.Health;

/// <summary>Whether the process lives, and whether it can do its work.</summary>
internal static class HealthApi
{
    public const string Path = "/health";

    public static void AddHealth(this IServiceCollection services)
    {
        services.AddSingleton<ReadinessChecks>();
        services.AddSingleton<Readiness>();
    }

    public static void MapHealth(this WebApplication app)
    {
        app.MapGet(Path, () => Results.Ok(new { status = "ok" })).OpenToEveryone();
        app.MapGet(Path + "/ready", ReadyAsync).OpenToEveryone();
    }

    private static async Task<IResult> ReadyAsync(Readiness readiness)
    {
        var problems = await readiness.ProblemsAsync();
        return problems.Count == 0
            ? Results.Ok(new { status = "ready", problems })
            : Results.Json(new { status = "not_ready", problems }, statusCode: StatusCodes.Status503ServiceUnavailable);
    }
}
