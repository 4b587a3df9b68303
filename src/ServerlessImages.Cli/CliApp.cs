using System.CommandLine;
using ServerlessImages.Cli.Commands;

namespace ServerlessImages.Cli;

/// <summary>The operator's command line: every command is a call of the operator API, and nothing else.</summary>
internal static class CliApp
{
    public static async Task<int> RunAsync(string[] args, CliHost host, CancellationToken cancel)
    {
        var parsed = Root(host).Parse(args);
        if (parsed.Errors.Count > 0 && args.Length > 0)
        {
            foreach (var error in parsed.Errors) await host.Error.WriteLineAsync("Error: " + error.Message);
            await host.Error.WriteLineAsync("See --help.");
            return ExitCode.Usage;
        }

        return await parsed.InvokeAsync(new InvocationConfiguration { Output = host.Output, Error = host.Error, EnableDefaultExceptionHandler = false }, cancel);
    }

    /// <summary>All commands.</summary>
    public static RootCommand Root(CliHost host)
    {
        var desk = new DeskOptions(host);
        var root = new RootCommand("Looks after a ServerlessImages service: accounts, keys, credit, prices, books, usage, deployments and the log of what operators did.");
        foreach (var option in desk.All) root.Add(option);
        foreach (var command in (Command[])
        [
            AccountCommands.All(desk), KeyCommands.All(desk), GrantCommands.All(desk), PriceCommands.All(desk), RevenueCommands.All(desk), BooksCommands.All(desk), BooksCommands.Incidents(desk),
            UsageCommands.All(desk), DeploymentCommands.All(desk), DeploymentCommands.Holds(desk), DeploymentCommands.Live(desk), AuditCommands.All(desk),
        ]) root.Add(command);
        return root;
    }
}
