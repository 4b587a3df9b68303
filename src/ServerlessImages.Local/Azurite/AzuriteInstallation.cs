using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace ServerlessImages.Local;

/// <summary>Installs the pinned Azurite from the committed lock file, once per folder; a stamp makes every later start instant.</summary>
internal sealed class AzuriteInstallation(string folder, TextWriter log)
{
    private const int NodeMajorMin = 20;
    private const string HowToGetNode = "Azurite needs Node.js 20 or newer with npm on the PATH: install it from https://nodejs.org, or use the embedded storage, which needs neither.";

    /// <summary>The committed package.json, package-lock.json and start script, beside this assembly.</summary>
    public static string SourceFolder => Path.Combine(AppContext.BaseDirectory, "Azurite");

    private string Script => Path.Combine(folder, "node_modules", "azurite", "dist", "src", "azurite.js");

    /// <summary>Holds the lock file that was installed, so that a changed one installs again.</summary>
    private string Stamp => Path.Combine(folder, "installed-package-lock.json");

    /// <returns>The script to start with Node.</returns>
    /// <exception cref="InvalidOperationException">Node or npm is missing or too old, or npm failed.</exception>
    public async Task<string> EnsureAsync(CancellationToken cancel)
    {
        await CheckNodeAsync(cancel);
        if (IsInstalled()) return Script;
        Directory.CreateDirectory(folder);
        await using var turn = await WaitForTurnAsync(cancel);
        if (!IsInstalled()) await InstallAsync(cancel);
        return Script;
    }

    private bool IsInstalled() => File.Exists(Stamp) && File.ReadAllText(Stamp) == File.ReadAllText(Path.Combine(SourceFolder, "package-lock.json"));

    private async Task InstallAsync(CancellationToken cancel)
    {
        await log.WriteLineAsync($"Installing Azurite in {folder} (once, 365 MB).".AsMemory(), cancel);
        foreach (var name in new[] { "package.json", "package-lock.json" }) File.Copy(Path.Combine(SourceFolder, name), Path.Combine(folder, name), overwrite: true);
        var (exitCode, output) = await RunAsync(OperatingSystem.IsWindows() ? "npm.cmd" : "npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], cancel);
        await log.WriteLineAsync(output.AsMemory(), cancel);
        if (exitCode != 0) throw new InvalidOperationException($"npm could not install Azurite in {folder}: {output}");
        File.Copy(Path.Combine(folder, "package-lock.json"), Stamp, overwrite: true);
    }

    /// <summary>Several test processes may start at once: one installs, the others wait. The operating system frees the lock of one that died.</summary>
    private async Task<FileStream> WaitForTurnAsync(CancellationToken cancel)
    {
        while (true)
        {
            try
            {
                return new FileStream(Path.Combine(folder, "install.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException taken) when (taken.GetType() == typeof(IOException))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(200), cancel);
            }
        }
    }

    private async Task CheckNodeAsync(CancellationToken cancel)
    {
        var (_, version) = await RunAsync("node", ["--version"], cancel);
        var major = version.TrimStart('v').Split('.')[0];
        if (!int.TryParse(major, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number < NodeMajorMin)
            throw new InvalidOperationException($"Node.js {version.Trim()} is too old. {HowToGetNode}");
    }

    private async Task<(int ExitCode, string Output)> RunAsync(string program, string[] arguments, CancellationToken cancel)
    {
        var start = new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        if (Directory.Exists(folder)) start.WorkingDirectory = folder;
        using var process = Start(start);
        try
        {
            var errors = process.StandardError.ReadToEndAsync(cancel);
            var output = await process.StandardOutput.ReadToEndAsync(cancel);
            await process.WaitForExitAsync(cancel);
            return (process.ExitCode, output + await errors);
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception missing)
        {
            throw new InvalidOperationException($"There is no {start.FileName} on this machine. {HowToGetNode}", missing);
        }
    }
}
