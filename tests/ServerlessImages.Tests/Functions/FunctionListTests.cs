using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text.Json.Nodes;
using ServerlessImages.Api.Functions;
using ServerlessImages.Images;
using ServerlessImages.Tests.Docs;

namespace ServerlessImages.Tests.Functions;

/// <summary>What the Functions host reads, held to the code.</summary>
public sealed class FunctionListTests
{
    private static readonly string Folder = Path.Combine(DocFile.Root, "src/ServerlessImages.Api/Functions");

    [Fact]
    public void Every_function_has_its_file_and_every_file_its_function()
    {
        var files = Directory.GetFiles(Folder, "function.json", SearchOption.AllDirectories).ToDictionary(file => Path.GetRelativePath(Folder, Path.GetDirectoryName(file)!), file => JsonNode.Parse(File.ReadAllText(file))!);

        Assert.Equal(FunctionList.All.Select(function => function.Name).Order(StringComparer.Ordinal), files.Keys.Order(StringComparer.Ordinal));
        Assert.All(FunctionList.All, function => Assert.Equal(JsonOf(function), files[function.Name].ToJsonString()));
    }

    [Fact]
    public void A_queue_function_is_written_like_the_others()
    {
        Assert.Equal("""{"bindings":[{"type":"queueTrigger","direction":"in","name":"message","queueName":"jobs","connection":"Queues"}]}""", JsonOf(new QueueFunction("Queue", "jobs", (_, _, _) => Task.CompletedTask)));
    }

    [Fact]
    public void What_takes_everything_is_the_last_in_every_order()
    {
        var names = FunctionList.All.Select(function => function.Name).ToArray();

        Assert.Equal(names.Order(StringComparer.Ordinal), names);
        Assert.Equal(names.Order(StringComparer.OrdinalIgnoreCase), names);
        Assert.Equal("{*path}", Assert.IsType<HttpFunction>(FunctionList.All[^1]).Route);
        Assert.Single(FunctionList.All.OfType<HttpFunction>(), function => function.Route.StartsWith('{'));
    }

    [Fact]
    public void From_outside_no_function_takes_the_method_and_path_of_a_trigger()
    {
        var posting = FunctionList.All.OfType<HttpFunction>().Where(function => function.Methods.Contains("post")).Select(function => function.Route.Split('/')[0]);

        Assert.Empty(posting.Intersect(FunctionList.All.OfType<TriggeredFunction>().Select(function => function.Name), StringComparer.OrdinalIgnoreCase));
        Assert.DoesNotContain("{*path}", posting);
    }

    [Fact]
    public void A_timer_runs_at_the_same_minutes_of_every_hour()
    {
        Assert.All(FunctionList.All.OfType<TimerFunction>(), timer => Assert.Equal(0, 60 % timer.Minutes));
    }

    [Fact]
    public void The_host_ends_nothing_that_may_still_go_on()
    {
        var functionTimeout = TimeSpan.Parse(Host()["functionTimeout"]!.GetValue<string>(), CultureInfo.InvariantCulture);

        // A request is drawn until its deadline, and then settled, for which the least margin leaves time.
        Assert.True(functionTimeout > Limit(nameof(GenerationOptions.Deadline)).Maximum + Limit(nameof(GenerationOptions.HoldMargin)).Minimum);
        Assert.True(functionTimeout > RunFunction.TimeMax);
    }

    [Fact]
    public void The_host_adds_nothing_to_the_paths_and_streams_what_it_hands_on()
    {
        Assert.Equal("", Host()["extensions"]!["http"]!["routePrefix"]!.GetValue<string>());
        Assert.True(Host()["customHandler"]!["enableProxyingHttpRequest"]!.GetValue<bool>());
        Assert.Equal("ServerlessImages.Api", Host()["customHandler"]!["description"]!["defaultExecutablePath"]!.GetValue<string>());
    }

    private static JsonNode Host() => JsonNode.Parse(DocFile.Read("host.json"))!;

    private static (TimeSpan Minimum, TimeSpan Maximum) Limit(string property)
    {
        var range = typeof(GenerationOptions).GetProperty(property)!.GetCustomAttribute<RangeAttribute>()!;
        return (TimeSpan.Parse((string)range.Minimum, CultureInfo.InvariantCulture), TimeSpan.Parse((string)range.Maximum, CultureInfo.InvariantCulture));
    }

    private static string JsonOf(FunctionDefinition function) => new JsonObject { ["bindings"] = Bindings(function) }.ToJsonString();

    private static JsonArray Bindings(FunctionDefinition function) => function switch
    {
        HttpFunction http =>
        [
            new JsonObject { ["type"] = "httpTrigger", ["direction"] = "in", ["name"] = "request", ["authLevel"] = "anonymous", ["route"] = http.Route, ["methods"] = new JsonArray([.. http.Methods.Select(method => JsonValue.Create(method))]) },
            new JsonObject { ["type"] = "http", ["direction"] = "out", ["name"] = "response" },
        ],
        TimerFunction timer => [new JsonObject { ["type"] = "timerTrigger", ["direction"] = "in", ["name"] = "timer", ["schedule"] = timer.Schedule }],
        QueueFunction queue => [new JsonObject { ["type"] = "queueTrigger", ["direction"] = "in", ["name"] = QueueFunction.Binding, ["queueName"] = queue.Queue, ["connection"] = QueueFunction.Connection }],
        _ => throw new NotSupportedException(function.Name),
    };
}
