using System.Globalization;

namespace ServerlessImages.Api.Functions;

/// <summary>A function of the function app. The Functions host reads of it in <c>{Name}/function.json</c>; a test holds that file to this.</summary>
/// <param name="Name">Also its folder.</param>
internal abstract record FunctionDefinition(string Name);

/// <summary>An area of the HTTP surface: the host hands its requests through, and the app does its own routing.</summary>
/// <param name="Route">The host takes the first function, by the order of their names, whose route fits: however special, a later one is shadowed.</param>
/// <param name="Methods">What the host lets through; anything else is its own bare 404.</param>
internal sealed record HttpFunction(string Name, string Route, IReadOnlyList<string> Methods) : FunctionDefinition(Name)
{
    /// <summary>A method that an endpoint does not know is then refused by the app, in the shape that every error has.</summary>
    public static IReadOnlyList<string> AllMethods { get; } = ["get", "head", "post", "put", "patch", "delete", "options"];

    /// <summary>What a page needs. Without POST the host has no way from outside to the functions below, which it calls by POST itself.</summary>
    public static IReadOnlyList<string> PageMethods { get; } = ["get", "head"];
}

/// <summary>Work that is not a request: the host asks for it with <c>POST /{Name}</c>. It may do so twice, or twice at once, so the work must not mind.</summary>
internal abstract record TriggeredFunction(string Name) : FunctionDefinition(Name)
{
    /// <param name="call">What the host posts.</param>
    public abstract Task RunAsync(IServiceProvider services, Stream call, CancellationToken cancel);
}

/// <param name="Minutes">How often it runs; divides 60. Outside the Functions host too: see <see cref="HostedTimers"/>.</param>
internal sealed record TimerFunction(string Name, int Minutes, Func<IServiceProvider, CancellationToken, Task> Work) : TriggeredFunction(Name)
{
    /// <summary>NCRONTAB, with seconds first. Source: learn.microsoft.com, "Timer trigger for Azure Functions".</summary>
    public string Schedule => string.Create(CultureInfo.InvariantCulture, $"0 */{Minutes} * * * *");

    /// <summary>What the host says about the schedule makes no difference: the work looks for itself what is due.</summary>
    public override Task RunAsync(IServiceProvider services, Stream call, CancellationToken cancel) => Work(services, cancel);
}

/// <param name="Work">Is given the message's text.</param>
internal sealed record QueueFunction(string Name, string Queue, Func<IServiceProvider, string, CancellationToken, Task> Work) : TriggeredFunction(Name)
{
    /// <summary>The name of the binding in <c>function.json</c>.</summary>
    public const string Binding = "message";

    /// <summary>What the names of the settings start with that tell the Functions host where the queues are: <c>Queues__queueServiceUri</c> and two more.</summary>
    public const string Connection = "Queues";

    /// <exception cref="FormatException">The call is not what the host posts for a queue. It will try again, and at last move the message to the poison queue.</exception>
    public override async Task RunAsync(IServiceProvider services, Stream call, CancellationToken cancel) =>
        await Work(services, await QueueCall.ReadMessageAsync(call, Binding, cancel), cancel);
}
