using System.Text.Json;
using ServerlessImages.Local.Node;
using ServerlessImages.Tests.Clients;

[assembly: AssemblyFixture(typeof(NpmClients))]

namespace ServerlessImages.Tests.Clients;

/// <summary>The npm packages that customers use, unmodified; installed once per user, by the first test that needs them.</summary>
public sealed class NpmClients
{
    private static readonly string Scripts = Path.Combine(AppContext.BaseDirectory, "Clients");
    private static readonly TimeSpan CallTimeMax = TimeSpan.FromMinutes(2);

    private readonly Lazy<Task> ready = new(InstallAsync);

    /// <summary>Runs one of the scripts in this folder in a Node process of its own.</summary>
    internal async Task<ClientReport> RunAsync(string script, params string[] arguments)
    {
        var ended = await RunToEndAsync(Path.Combine(Scripts, script), arguments);
        Assert.True(ended.ExitCode == 0, ended.Errors);
        return JsonSerializer.Deserialize<ClientReport>(ended.Text, ClientReport.Json)!;
    }

    /// <summary>Runs a script that a document shows.</summary>
    /// <param name="name">Of the file that it becomes.</param>
    internal async Task<NodeOutput> RunTextAsync(string name, string script, params string[] arguments)
    {
        var file = Path.Combine(Scripts, name);
        await File.WriteAllTextAsync(file, script, TestContext.Current.CancellationToken);
        return await RunToEndAsync(file, arguments);
    }

    private async Task<NodeOutput> RunToEndAsync(string file, string[] arguments)
    {
        await ready.Value;
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        cancel.CancelAfter(CallTimeMax);
        return await NodeTool.RunAsync("node", [file, .. arguments], folder: null, cancel.Token);
    }

    private static async Task InstallAsync()
    {
        // Not the first test's token: all others wait for this too.
        var packages = new NodePackages { Name = "the npm clients", SourceFolder = Scripts, InstallFolder = UserCache.Folder("clients-openai-7.57.0-ai-7.0.173-jose-6.2.18-webhooks-1.1.1") };
        var modules = await packages.EnsureAsync(CancellationToken.None);

        // A script finds its packages in the folders above itself, and nowhere else.
        var link = new DirectoryInfo(Path.Combine(Scripts, "node_modules"));
        if (link.LinkTarget == modules) return;
        if (link.LinkTarget is not null) link.Delete();
        link.CreateAsSymbolicLink(modules);
    }
}
