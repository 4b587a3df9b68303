using System.ComponentModel;
using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;
using ServerlessImages.Tests.Docs;

namespace ServerlessImages.Tests.Infra;

/// <summary>
/// The Bicep CLI of the NuGet package, which is a program for linux-x64; elsewhere the <c>bicep</c> on the PATH. Where there is neither, the tests that need it are
/// skipped: nothing of the product runs it.
/// </summary>
internal static class BicepCli
{
    private static readonly Lazy<string?> Found = new(Find);

    public static string Infra { get; } = Path.Combine(DocFile.Root, "infra");

    /// <summary>What one deployment brings along, for nobody.</summary>
    public static IReadOnlyDictionary<string, string> Environment { get; } = new Dictionary<string, string>
    {
        ["ALERT_EMAIL"] = "operators@example.com",
        ["MONTHLY_BUDGET"] = "100",
        ["BUDGET_START_DATE"] = "2026-12-01",
        ["OPERATOR_AUDIENCE"] = "api://example/serverlessimages",
        ["STRIPE"] = "true",
        ["SMTP_HOST"] = "smtp.example.com",
        ["SMTP_FROM"] = "Images <images@example.com>",
        ["SMTP_USER"] = "images",
    };

    public static string Program()
    {
        Assert.SkipWhen(Found.Value is null, "These tests need the Bicep CLI: its package runs on linux-x64 only, and there is no bicep on the PATH.");
        return Found.Value!;
    }

    /// <returns>What the command wrote to standard output.</returns>
    public static async Task<string> RunAsync(string folder, params string[] arguments)
    {
        var command = await Command.RunAsync(Program(), arguments, folder, Environment);
        Assert.True(command.ExitCode == 0, command.Errors);
        return command.Output;
    }

    private static string? Find()
    {
        var packaged = typeof(BicepCli).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(each => each.Key == "BicepPath").Value!;
        if (!OperatingSystem.IsLinux() || RuntimeInformation.OSArchitecture != Architecture.X64 || !File.Exists(packaged)) return OnPath();

        // The package's file may be run by its owner alone, who is whoever restored it.
        File.SetUnixFileMode(packaged, File.GetUnixFileMode(packaged) | UnixFileMode.UserExecute);
        return packaged;
    }

    private static string? OnPath()
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo("bicep", "--version") { UseShellExecute = false, RedirectStandardOutput = true });
            process!.WaitForExit();
            return "bicep";
        }
        catch (Win32Exception)
        {
            return null;
        }
    }
}
