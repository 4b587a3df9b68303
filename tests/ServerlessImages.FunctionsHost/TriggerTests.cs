using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using ServerlessImages.Api.Functions;
using ServerlessImages.Api.Http;
using ServerlessImages.FunctionsHost.StandIn;

namespace ServerlessImages.FunctionsHost;

/// <summary>How the app takes a trigger's call, with functions of the test's own.</summary>
public sealed class TriggerTests
{
    private const string Done = """{"Outputs":{},"Logs":[],"ReturnValue":null}""";
    private readonly List<string> messages = [];

    [Fact]
    public async Task A_timer_is_answered_with_the_JSON_that_the_host_waits_for()
    {
        var runs = 0;
        var function = new TimerFunction("Tick", 1, (_, _) => Task.FromResult(runs++));

        Assert.Equal((200, Done), await CallAsync(function, Invocation.OfTimer("timer")));
        Assert.Equal(1, runs);
    }

    [Theory]
    [InlineData("""{"jobId":"j1","text":"a \"quoted\" fox \u2713\n"}""")]
    [InlineData("plain words")]
    [InlineData("")]
    public async Task A_message_arrives_as_it_was_put_into_the_queue(string text)
    {
        Assert.Equal((200, Done), await CallAsync(Queue, Invocation.OfQueue(QueueFunction.Binding, text)));
        Assert.Equal([text], messages);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("""{"Data":{}}""")]
    [InlineData("""{"Data":{"message":null}}""")]
    [InlineData("""{"Data":{"message":{"jobId":"j1"}}}""")]
    [InlineData("""{"Data":{"message":"encoded once"}}""")]
    [InlineData("""{"Data":{"message":"null"}}""")]
    public async Task A_call_without_a_message_fails_so_that_the_host_keeps_it(string call)
    {
        var (status, body) = await CallAsync(Queue, call);

        Assert.Equal((500, "server_error"), (status, CodeOf(body)));
        Assert.Empty(messages);
    }

    [Fact]
    public async Task Work_that_fails_is_answered_500_in_JSON()
    {
        var (status, body) = await CallAsync(new TimerFunction("Tick", 1, (_, _) => throw new InvalidOperationException("broken")), Invocation.OfTimer("timer"));

        Assert.Equal((500, "server_error"), (status, CodeOf(body)));
        Assert.DoesNotContain("broken", body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET", "/Queue", null)]
    [InlineData("PUT", "/Queue", null)]
    [InlineData("POST", "/queue", null)]
    [InlineData("POST", "/Queue/", null)]
    [InlineData("POST", "/Other", null)]
    [InlineData("POST", "/Queue", "X-Forwarded-For")]
    [InlineData("POST", "/Queue", "x-forwarded-host")]
    [InlineData("POST", "/Queue", "X-Forwarded-Proto")]
    public async Task Anything_else_goes_on_as_if_there_were_no_trigger(string method, string path, string? header)
    {
        var (status, _) = await CallAsync(Queue, Invocation.OfQueue(QueueFunction.Binding, "text"), http =>
        {
            (http.Request.Method, http.Request.Path) = (method, path);
            if (header is not null) http.Request.Headers[header] = "";
        });

        Assert.Equal(404, status);
        Assert.Empty(messages);
    }

    private QueueFunction Queue => new("Queue", "jobs", (_, text, _) =>
    {
        messages.Add(text);
        return Task.CompletedTask;
    });

    private static async Task<(int Status, string Body)> CallAsync(TriggeredFunction function, string call, Action<HttpContext>? change = null)
    {
        var services = new ServiceCollection().AddLogging().AddSingleton(TimeProvider.System).AddSingleton<RunFunction>().AddSingleton<ErrorWriter>();
        services.Configure<SiteOptions>(_ => { }).AddSingleton(Microsoft.Extensions.Options.Options.Create(new SiteOptions { PublicUrl = new Uri("http://images.example") }));
        await using var provider = services.BuildServiceProvider();
        var http = new DefaultHttpContext { RequestServices = provider, Request = { Method = "POST", Path = "/" + function.Name, Body = new MemoryStream(Encoding.UTF8.GetBytes(call)) }, Response = { Body = new MemoryStream() } };
        http.Features.Set(new ApiCall("req_1", 0));
        change?.Invoke(http);
        var middleware = ActivatorUtilities.CreateInstance<TriggerMiddleware>(provider, (RequestDelegate)GoOn, (IReadOnlyList<FunctionDefinition>)[function]);

        await middleware.InvokeAsync(http);
        await http.Response.CompleteAsync();

        return (http.Response.StatusCode, Encoding.UTF8.GetString(((MemoryStream)http.Response.Body).ToArray()));
    }

    private static Task GoOn(HttpContext http)
    {
        http.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }

    private static string CodeOf(string body)
    {
        using var json = JsonDocument.Parse(body);
        return json.RootElement.GetProperty("error").GetProperty("code").GetString()!;
    }
}
