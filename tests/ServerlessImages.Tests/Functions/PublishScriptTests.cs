using System.Diagnostics;
using System.IO.Compression;
using System.Runtime.Versioning;
using ServerlessImages.Tests.Docs;

namespace ServerlessImages.Tests.Functions;

/// <summary><c>infra/publish.sh</c> with a stand-in of the Azure CLI, which writes down what it is asked for.</summary>
[SupportedOSPlatform("linux"), SupportedOSPlatform("macos")]
public sealed class PublishScriptTests : IDisposable
{
    private const UnixFileMode Executable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private static readonly Dictionary<string, string> Environment = new()
    {
        ["AZURE_RESOURCE_GROUP"] = "rg-images",
        ["FUNCTION_APP_NAME"] = "func-images",
        ["DEPLOYMENT_STORAGE_ACCOUNT"] = "stimages",
        ["DEPLOYMENT_CONTAINER"] = "deployment",
    };

    private readonly string folder = Directory.CreateTempSubdirectory("serverlessimages-").FullName;

    public PublishScriptTests()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "It is a script for bash.");
        Write("bin/az", $"""
            #!/usr/bin/env bash
            printf '%s\n' "$*" >> '{folder}/calls'
            while [ $# -gt 0 ]; do [ "$1" != --file ] || cp "$2" '{folder}/uploaded.zip'; shift; done
            [ ! -f '{folder}/fail' ]
            """);
        Write("app/host.json", "{}");
        Write("app/Api/function.json", "{}");
        Write("app/ServerlessImages.Api", "");
        File.SetUnixFileMode(Path.Combine(folder, "bin/az"), Executable);
        File.SetUnixFileMode(Path.Combine(folder, "app/ServerlessImages.Api"), Executable);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData(null, "{subscriptionId}", "")]
    [InlineData("5ca1ab1e", "5ca1ab1e", " --subscription 5ca1ab1e")]
    public async Task It_uploads_then_syncs_the_triggers_then_restarts(string? subscription, string inAddress, string argument)
    {
        var (exitCode, _, errors) = await RunAsync(subscription is null ? [] : new() { ["AZURE_SUBSCRIPTION_ID"] = subscription }, "--package", Path.Combine(folder, "app"));
        var calls = await File.ReadAllLinesAsync(Path.Combine(folder, "calls"), TestContext.Current.CancellationToken);

        Assert.Equal((0, ""), (exitCode, errors));
        Assert.Equal(3, calls.Length);
        Assert.Matches("^storage blob upload --auth-mode login --account-name stimages --container-name deployment --name released-package.zip --file [^ ]+/released-package.zip --overwrite true ", calls[0]);
        Assert.StartsWith($"rest --method post --url /subscriptions/{inAddress}/resourceGroups/rg-images/providers/Microsoft.Web/sites/func-images/syncfunctiontriggers?api-version=2024-04-01 ", calls[1], StringComparison.Ordinal);
        Assert.StartsWith($"functionapp restart --name func-images --resource-group rg-images{argument} ", calls[2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_package_has_the_folders_content_at_its_root_and_keeps_the_executable_bit()
    {
        await RunAsync([], "--package", Path.Combine(folder, "app"));
        await using var zip = await ZipFile.OpenReadAsync(Path.Combine(folder, "uploaded.zip"), TestContext.Current.CancellationToken);
        var files = zip.Entries.Where(entry => entry.Name.Length > 0).ToDictionary(entry => entry.FullName, entry => (UnixFileMode)((entry.ExternalAttributes >> 16) & 0x1FF));

        Assert.Equal(["Api/function.json", "ServerlessImages.Api", "host.json"], files.Keys.Order(StringComparer.Ordinal));
        Assert.True(files["ServerlessImages.Api"].HasFlag(UnixFileMode.UserExecute));
        Assert.False(files["host.json"].HasFlag(UnixFileMode.UserExecute));
    }

    [Theory]
    [InlineData("AZURE_RESOURCE_GROUP")]
    [InlineData("FUNCTION_APP_NAME")]
    [InlineData("DEPLOYMENT_STORAGE_ACCOUNT")]
    [InlineData("DEPLOYMENT_CONTAINER")]
    public async Task What_is_not_set_is_named_before_anything_happens(string name)
    {
        var (exitCode, _, errors) = await RunAsync(new() { [name] = "" }, "--package", Path.Combine(folder, "app"));

        Assert.Equal(1, exitCode);
        Assert.StartsWith($"Error: {name} is not set.", errors, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(folder, "calls")));
    }

    [Theory]
    [InlineData("host.json", "has no host.json")]
    [InlineData("ServerlessImages.Api", "has no executable ServerlessImages.Api")]
    public async Task A_folder_that_the_host_could_not_start_is_not_uploaded(string missing, string said)
    {
        File.Delete(Path.Combine(folder, "app", missing));

        var (exitCode, _, errors) = await RunAsync([], "--package", Path.Combine(folder, "app"));

        Assert.Equal(1, exitCode);
        Assert.Contains(said, errors, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(folder, "calls")));
    }

    [Fact]
    public async Task After_an_upload_that_fails_nothing_is_restarted()
    {
        Write("fail", "");

        var (exitCode, _, _) = await RunAsync([], "--package", Path.Combine(folder, "app"));

        Assert.NotEqual(0, exitCode);
        Assert.Single(await File.ReadAllLinesAsync(Path.Combine(folder, "calls"), TestContext.Current.CancellationToken));
    }

    private async Task<(int ExitCode, string Output, string Errors)> RunAsync(Dictionary<string, string> changes, params string[] arguments)
    {
        var start = new ProcessStartInfo("bash", [Path.Combine(DocFile.Root, "infra/publish.sh"), .. arguments]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["PATH"] = Path.Combine(folder, "bin") + Path.PathSeparator + start.Environment["PATH"];
        start.Environment.Remove("AZURE_SUBSCRIPTION_ID");
        foreach (var (name, value) in Environment.Concat(changes)) start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var output = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken), process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, output[0], output[1]);
    }

    private void Write(string path, string text)
    {
        var file = Path.Combine(folder, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }
}
