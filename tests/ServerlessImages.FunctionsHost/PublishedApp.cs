using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using ServerlessImages.FunctionsHost;

[assembly: AssemblyFixture(typeof(PublishedApp))]
// What is published is for Linux, as the Functions host is.
[assembly: SupportedOSPlatform("linux")]

namespace ServerlessImages.FunctionsHost;

/// <summary>
/// The app as it is published, once for all tests of a run, apart from everything that the build has made. Not compiled ahead: that takes longer than all tests,
/// and changes no behaviour.
/// </summary>
public sealed class PublishedApp : IAsyncLifetime
{
    private static readonly TimeSpan PublishTimeMax = TimeSpan.FromMinutes(5);

    public string Folder { get; } = Path.Combine(Metadata("PublishFolder"), "published");

    public async ValueTask InitializeAsync()
    {
        // A file that is no longer published must not be found there.
        if (Directory.Exists(Folder)) Directory.Delete(Folder, recursive: true);
        string[] arguments =
        [
            "publish", Metadata("ApiProject"), "--configuration", "Release", "--output", Folder, "--artifacts-path", Metadata("PublishFolder"), "--verbosity", "quiet",
            "-p:PublishReadyToRun=false", "-p:RunAnalyzers=false",
            // Neither leaves a process behind.
            "-p:UseSharedCompilation=false", "-nodeReuse:false",
        ];
        var start = new ProcessStartInfo(Dotnet(), arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };

        // What `dotnet test` has told its own tools.
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToArray()) start.Environment.Remove(name);
        using var publish = Process.Start(start)!;
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        cancel.CancelAfter(PublishTimeMax);
        try
        {
            var output = await Task.WhenAll(publish.StandardOutput.ReadToEndAsync(cancel.Token), publish.StandardError.ReadToEndAsync(cancel.Token));
            await publish.WaitForExitAsync(cancel.Token);
            if (publish.ExitCode != 0) throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"dotnet publish ended with {publish.ExitCode}: {string.Concat(output)}"));
        }
        finally
        {
            if (!publish.HasExited) publish.Kill(entireProcessTree: true);
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static string Dotnet() => Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"));

    private static string Metadata(string key) => typeof(PublishedApp).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(each => each.Key == key).Value!;
}
