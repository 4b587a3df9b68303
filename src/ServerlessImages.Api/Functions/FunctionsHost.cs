namespace ServerlessImages.Api.Functions;

/// <summary>What is different when the Functions host has started this process.</summary>
internal static class FunctionsHost
{
    /// <summary>Where the host expects this process to listen. Nothing else sets it.</summary>
    private const string Port = "FUNCTIONS_CUSTOMHANDLER_PORT";

    private const int Ended = 1;

    public static void AddFunctions(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<RunFunction>();
        builder.Services.AddSingleton<ExpireHoldsTimer>();
        builder.Services.AddSingleton<CloseBooksTimer>();
        builder.Services.AddSingleton<SendMeterEventsTimer>();
        builder.Services.AddSingleton<SweepPaymentsTimer>();
        if (PortOf(builder.Configuration) is { } port) builder.ListenToHost(port);
        else builder.Services.AddHostedService<HostedTimers>().AddHostedService<HostedQueues>();
    }

    public static void UseTriggers(this WebApplication app)
    {
        if (PortOf(app.Configuration) is not null) app.UseMiddleware<TriggerMiddleware>(FunctionList.All);
    }

    /// <summary>The host takes 0 for the end of this instance: it would start nothing in its place, and answer every request with 500. So whoever asked it to end, it is not 0.</summary>
    public static int ExitCode(IConfiguration configuration) => PortOf(configuration) is null ? 0 : Ended;

    /// <summary>Here and nowhere else, since a trigger has no key: neither the host's own addresses, which are in this environment too, nor those of a Kestrel section.</summary>
    private static void ListenToHost(this WebApplicationBuilder builder, string port)
    {
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        builder.WebHost.ConfigureKestrel(server => server.Configure());
    }

    private static string? PortOf(IConfiguration configuration) => configuration[Port] is { Length: > 0 } port ? port : null;
}
