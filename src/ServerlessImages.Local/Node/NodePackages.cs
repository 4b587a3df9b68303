using System.ComponentModel;
using System.Globalization;

namespace ServerlessImages.Local.Node;

/// <summary>
/// npm packages, installed once per folder from a committed <c>package.json</c> and <c>package-lock.json</c>. Processes share the folder; a stamp makes every
/// later start instant.
/// </summary>
internal sealed class NodePackages
{
    private const int NodeMajorMin = 20;

    /// <summary>What is installed, as messages call it.</summary>
    public required string Name { get; init; }

    /// <summary>Holds the two committed files.</summary>
    public required string SourceFolder { get; init; }

    /// <summary>Made when missing.</summary>
    public required string InstallFolder { get; init; }

    /// <summary>A sentence for someone whose Node is missing or too old.</summary>
    public string HowToGetNode { get; init; } = "Install Node.js 20 or newer, with npm, from https://nodejs.org and put it on the PATH.";

    /// <summary>What npm prints.</summary>
    /// <value>Default: dropped.</value>
    public TextWriter Log { get; init; } = TextWriter.Null;

    private string ModulesFolder => Path.Combine(InstallFolder, "node_modules");

    /// <summary>Holds the lock file that was installed, so that a changed one installs again.</summary>
    private string Stamp => Path.Combine(InstallFolder, "installed-package-lock.json");

    /// <returns>The folder <c>node_modules</c>.</returns>
    /// <exception cref="InvalidOperationException">Node or npm is missing or too old, or npm failed; the message says what to do.</exception>
    public async Task<string> EnsureAsync(CancellationToken cancel)
    {
        await CheckNodeAsync(cancel);
        if (IsInstalled()) return ModulesFolder;
        Directory.CreateDirectory(InstallFolder);
        await using var turn = await WaitForTurnAsync(cancel);
        if (!IsInstalled()) await InstallAsync(cancel);
        return ModulesFolder;
    }

    private bool IsInstalled() => File.Exists(Stamp) && File.ReadAllText(Stamp) == File.ReadAllText(Path.Combine(SourceFolder, "package-lock.json"));

    private async Task InstallAsync(CancellationToken cancel)
    {
        await Log.WriteLineAsync($"Installing {Name} in {InstallFolder} (once).".AsMemory(), cancel);
        foreach (var name in new[] { "package.json", "package-lock.json" }) File.Copy(Path.Combine(SourceFolder, name), Path.Combine(InstallFolder, name), overwrite: true);
        var npm = await RunAsync(OperatingSystem.IsWindows() ? "npm.cmd" : "npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], InstallFolder, cancel);
        var printed = npm.Text + npm.Errors;
        await Log.WriteLineAsync(printed.AsMemory(), cancel);
        if (npm.ExitCode != 0) throw new InvalidOperationException($"npm could not install {Name} in {InstallFolder}: {printed}");
        File.Copy(Path.Combine(InstallFolder, "package-lock.json"), Stamp, overwrite: true);
    }

    /// <summary>Several processes may start at once: one installs, the others wait. The operating system frees the lock of one that died.</summary>
    private async Task<FileStream> WaitForTurnAsync(CancellationToken cancel)
    {
        while (true)
        {
            try
            {
                return new FileStream(Path.Combine(InstallFolder, "install.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException taken) when (taken.GetType() == typeof(IOException))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(200), cancel);
            }
        }
    }

    private async Task CheckNodeAsync(CancellationToken cancel)
    {
        var version = (await RunAsync("node", ["--version"], folder: null, cancel)).Text.Trim();
        var major = version.TrimStart('v').Split('.')[0];
        if (!int.TryParse(major, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number < NodeMajorMin)
            throw new InvalidOperationException($"Node.js {version} is too old. {HowToGetNode}");
    }

    private async Task<NodeOutput> RunAsync(string program, string[] arguments, string? folder, CancellationToken cancel)
    {
        try
        {
            return await NodeTool.RunAsync(program, arguments, folder, cancel);
        }
        catch (Win32Exception missing)
        {
            throw new InvalidOperationException($"There is no {program} on this machine. {HowToGetNode}", missing);
        }
    }
}
