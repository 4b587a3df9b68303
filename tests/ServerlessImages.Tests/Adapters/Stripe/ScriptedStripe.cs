using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ServerlessImages.Billing;
using ServerlessImages.Storage;
using ServerlessImages.Stripe;

namespace ServerlessImages.Tests.Adapters.Stripe;

/// <summary>Stripe as a test says it answers, and the adapter that asks it: for what the emulator cannot be made to say, and for what has to be seen on the wire.</summary>
internal sealed class ScriptedStripe : IAsyncDisposable
{
    private readonly WebApplication server;
    private readonly ServiceProvider services;

    private ScriptedStripe(WebApplication server, TimeProvider clock)
    {
        this.server = server;
        var settings = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?> { ["Stripe:ApiKey"] = "sk_test_scripted", ["Stripe:WebhookSecrets:0"] = "whsec_scripted", ["Stripe:ApiBase"] = server.Urls.Single() }).Build();
        var all = new ServiceCollection().AddSingleton<IConfiguration>(settings).AddSingleton(clock).AddSingleton<ITableStore>(new StoreLimits(new InMemoryTableStore())).AddSingleton<PostpaidAccounts>();
        all.AddStripe(settings);
        services = all.BuildServiceProvider();
    }

    public List<Call> Calls { get; } = [];

    /// <summary>Status and body; status 0 breaks the connection.</summary>
    public Func<Call, (int Status, string Body)> Answer { get; set; } = _ => (200, "{}");

    public TimeSpan? RetryAfter { get; set; }

    public static async Task<ScriptedStripe> StartAsync(TimeProvider clock)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var built = builder.Build();
        ScriptedStripe? stripe = null;
        built.Run(http => stripe!.AnswerAsync(http));
        await built.StartAsync(TestContext.Current.CancellationToken);
        return stripe = new ScriptedStripe(built, clock);
    }

    public T Of<T>()
        where T : notnull => services.GetRequiredService<T>();

    public async ValueTask DisposeAsync()
    {
        await services.DisposeAsync();
        await server.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext http)
    {
        var fields = http.Request.HasFormContentType
            ? (await http.Request.ReadFormAsync()).ToDictionary(each => each.Key, each => each.Value.ToString())
            : http.Request.Query.ToDictionary(each => each.Key, each => each.Value.ToString());
        var call = new Call($"{http.Request.Method} {http.Request.Path}", fields, http.Request.Headers["Idempotency-Key"].ToString());
        Calls.Add(call);
        var (status, body) = Answer(call);
        if (status == 0)
        {
            http.Abort();
            return;
        }

        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json";

        // The SDK would try again by itself, and a test would count its calls.
        http.Response.Headers["Stripe-Should-Retry"] = "false";
        if (RetryAfter is { } wait) http.Response.Headers.RetryAfter = wait.TotalSeconds.ToString(CultureInfo.InvariantCulture);
        await http.Response.WriteAsync(body);
    }

    internal sealed record Call(string What, IReadOnlyDictionary<string, string> Fields, string Key);
}
