using ServerlessImages.Tests.Docs;
using ServerlessImages.Tests.Storage;

namespace ServerlessImages.Tests.Infra;

/// <summary><c>infra/lint.sh</c>, which holds the Bicep to no warning at all, and the parameter files to the template.</summary>
public sealed class LintTests
{
    [Fact]
    public async Task The_template_and_every_parameter_file_build_and_lint_without_a_warning()
    {
        var lint = await LintAsync(BicepCli.Infra, BicepCli.Program());

        Assert.Equal((0, ""), (lint.ExitCode, lint.Errors));
    }

    [Fact]
    public async Task A_property_that_does_not_exist_fails()
    {
        using var folder = new TemporaryFolder();
        Deployment.CopyInfra(folder.Path);
        await ReplaceAsync(Path.Combine(folder.Path, "modules/storage.bicep"), "allowSharedKeyAccess", "allowSharedKeys");

        var lint = await LintAsync(folder.Path, BicepCli.Program());

        Assert.Equal(1, lint.ExitCode);
        Assert.Contains("BCP037", lint.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_linter_rule_that_is_on_is_an_error()
    {
        using var folder = new TemporaryFolder();
        Deployment.CopyInfra(folder.Path);
        await File.AppendAllTextAsync(Path.Combine(folder.Path, "main.bicep"), "\nvar forgotten = 1\n", TestContext.Current.CancellationToken);

        var lint = await LintAsync(folder.Path, BicepCli.Program());

        Assert.Equal(1, lint.ExitCode);
        Assert.Contains("Error no-unused-vars", lint.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_Bicep_CLI_is_said_plainly()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The script needs bash.");

        var lint = await Command.RunAsync("/bin/bash", [Path.Combine(BicepCli.Infra, "lint.sh")], BicepCli.Infra, new Dictionary<string, string> { ["BICEP"] = "/nowhere/bicep", ["PATH"] = "/usr/bin:/bin" });

        Assert.Equal(1, lint.ExitCode);
        Assert.StartsWith("Error: there is no Bicep CLI.", lint.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Continuous_integration_runs_it()
    {
        Assert.Contains("\ninfra/lint.sh\n", DocFile.Read(".ci/run"), StringComparison.Ordinal);
    }

    private static Task<Command> LintAsync(string infra, string bicep)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The script needs bash.");
        return Command.RunAsync("/bin/bash", [Path.Combine(infra, "lint.sh")], infra, new Dictionary<string, string> { ["BICEP"] = bicep });
    }

    private static async Task ReplaceAsync(string path, string old, string fresh)
    {
        var text = await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(path, text.Replace(old, fresh, StringComparison.Ordinal), TestContext.Current.CancellationToken);
    }
}
