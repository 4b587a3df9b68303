using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using ServerlessImages.Local.AzureOpenAI;

namespace ServerlessImages.Tests.Clients;

/// <summary>The network between the clients and the product. It is whole until a test breaks it.</summary>
internal sealed class BreakingNetwork : IStartupFilter
{
    private AzureOpenAIEmulator? upstream;

    /// <summary>The next call loses its connection, once it has come to the upstream. Those after it do not.</summary>
    public void BreakOnceCalled(AzureOpenAIEmulator emulator) => upstream = emulator;

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(PassAsync);
        next(app);
    };

    private async Task PassAsync(HttpContext http, RequestDelegate next)
    {
        var emulator = Interlocked.Exchange(ref upstream, null);
        var answer = next(http);
        if (emulator is not null)
        {
            while (emulator.Calls == 0 && !answer.IsCompleted) await Task.Delay(5);
            http.Abort();
        }

        await answer;
    }
}
