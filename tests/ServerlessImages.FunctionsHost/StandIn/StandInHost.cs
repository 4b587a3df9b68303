using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace ServerlessImages.FunctionsHost.StandIn;

/// <summary>
/// Does to an app's folder what the Functions host does: reads its files, keeps its process running, hands HTTP on to it and calls its triggers. What it does not
/// have are the front end of Azure before it and the storage behind it.
/// </summary>
internal sealed class StandInHost : IAsyncDisposable
{
    private readonly WebApplication server;
    private readonly HttpClient triggers = new(new SocketsHttpHandler { UseProxy = false, ActivityHeadersPropagator = null });

    private StandInHost(HostFiles files, WebApplication server) => (Files, this.server, Proxy) = (files, server, new Proxy(new RouteTable(files)));

    public HostFiles Files { get; }

    public Proxy Proxy { get; }

    public Supervisor Handler { get; private set; } = null!;

    /// <summary>What is outside.</summary>
    public Uri Address => new(server.Urls.Single());

    public static async Task<StandInHost> StartAsync(string folder, IReadOnlyDictionary<string, string?> settings)
    {
        const long BodyBytesMax = 104_857_600;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Configure();
            kestrel.Limits.MaxRequestBodySize = BodyBytesMax;
            kestrel.Listen(IPAddress.Loopback, 0);
        });
        var listener = builder.Build();
        var host = new StandInHost(HostFiles.Read(folder), listener);
        listener.Run(host.Proxy.HandleAsync);
        await listener.StartAsync();
        host.Handler = new Supervisor(() => HandlerProcess.Start(host.Files, host.Address, settings));
        host.Proxy.Handler = host.Handler;
        return host;
    }

    public async Task InvokeTimerAsync(string name)
    {
        var function = Files.Functions.Single(each => each.Name == name && each.Trigger == "timerTrigger");
        await Invocation.SendAsync(triggers, (await Handler.Serving).Address, name, Invocation.OfTimer(function.Binding));
    }

    public async ValueTask DisposeAsync()
    {
        await Handler.DisposeAsync();
        await server.StopAsync(new CancellationToken(canceled: true));
        await server.DisposeAsync();
        triggers.Dispose();
        Proxy.Dispose();
    }
}
