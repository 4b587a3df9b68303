using System.Text.Json;

namespace ServerlessImages.FunctionsHost.StandIn;

/// <summary>What the Functions host reads of an app's folder before it starts anything.</summary>
internal sealed record HostFiles(string Folder, string Executable, string RoutePrefix, IReadOnlyList<HostFunction> Functions)
{
    public static HostFiles Read(string folder)
    {
        using var host = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "host.json")));
        var handler = host.RootElement.GetProperty("customHandler");
        if (!handler.GetProperty("enableProxyingHttpRequest").GetBoolean()) throw new InvalidOperationException("The stand-in only knows how to proxy.");

        var functions = Directory.GetDirectories(folder).Where(each => File.Exists(Path.Combine(each, "function.json"))).Select(HostFunction.Read);
        return new(
            folder,
            Path.Combine(folder, handler.GetProperty("description").GetProperty("defaultExecutablePath").GetString()!),
            host.RootElement.GetProperty("extensions").GetProperty("http").GetProperty("routePrefix").GetString()!,
            [.. functions.OrderBy(function => function.Name, StringComparer.OrdinalIgnoreCase)]);
    }
}

/// <param name="Trigger">The type of its first binding.</param>
/// <param name="Binding">That binding's name.</param>
/// <param name="Route">Of an HTTP function, else null.</param>
internal sealed record HostFunction(string Name, string Trigger, string Binding, string? Route, IReadOnlyList<string> Methods)
{
    public static HostFunction Read(string folder)
    {
        using var file = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "function.json")));
        var trigger = file.RootElement.GetProperty("bindings")[0];
        var isHttp = trigger.TryGetProperty("route", out var route);
        return new(
            Path.GetFileName(folder),
            trigger.GetProperty("type").GetString()!,
            trigger.GetProperty("name").GetString()!,
            isHttp ? route.GetString() : null,
            isHttp ? [.. trigger.GetProperty("methods").EnumerateArray().Select(method => method.GetString()!)] : []);
    }
}
