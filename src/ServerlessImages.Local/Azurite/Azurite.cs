using System.Diagnostics;
using System.Text.RegularExpressions;
using ServerlessImages.Local.Node;

namespace ServerlessImages.Local;

public sealed class AzuriteOptions
{
    /// <summary>Where the npm package is installed once, 365 MB; later starts and other processes share it.</summary>
    public required string InstallFolder { get; init; }

    /// <summary>Where the data is kept.</summary>
    /// <value>Default: null, in memory only.</value>
    public string? DataFolder { get; init; }

    /// <summary>What npm and Azurite print.</summary>
    /// <value>Default: dropped.</value>
    public TextWriter Log { get; init; } = TextWriter.Null;
}

/// <summary>Microsoft's storage emulator on free ports of this machine. For development and tests: after a crash its data may be gone.</summary>
public sealed partial class Azurite : IAsyncDisposable
{
    /// <summary>Every Azurite's account and key. Source: learn.microsoft.com, "Use the Azurite emulator", "Well-known storage account and key".</summary>
    private const string Account = "devstoreaccount1";
    private const string WellKnownKey = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    /// <summary>The committed package.json, package-lock.json and start script, beside this assembly.</summary>
    private static readonly string SourceFolder = Path.Combine(AppContext.BaseDirectory, "Azurite");

    private readonly Process process;

    private Azurite(Process process) => this.process = process;

    /// <summary>For Azure.Data.Tables, Azure.Storage.Blobs and Azure.Storage.Queues.</summary>
    public string ConnectionString { get; private set; } = "";

    /// <summary>Installs what is missing, starts, and returns when blobs, queues and tables answer.</summary>
    /// <exception cref="InvalidOperationException">Node or npm is missing or too old, the installation failed, or Azurite did not start; the message says what to do.</exception>
    public static async Task<Azurite> StartAsync(AzuriteOptions options, CancellationToken cancel)
    {
        var modules = await PackagesOf(options).EnsureAsync(cancel);
        var script = Path.Combine(modules, "azurite", "dist", "src", "azurite.js");
        var azurite = new Azurite(Process.Start(StartOf(script, options.DataFolder))!);
        try
        {
            await azurite.ReadPortsAsync(TextWriter.Synchronized(options.Log), cancel);
            return azurite;
        }
        catch
        {
            await azurite.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited) process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
        process.Dispose();
    }

    private static NodePackages PackagesOf(AzuriteOptions options) => new()
    {
        Name = "Azurite",
        SourceFolder = SourceFolder,
        InstallFolder = options.InstallFolder,
        HowToGetNode = "Azurite needs Node.js 20 or newer with npm on the PATH: install it from https://nodejs.org, or use the embedded storage, which needs neither.",
        Log = options.Log,
    };

    private static ProcessStartInfo StartOf(string script, string? dataFolder)
    {
        var start = new ProcessStartInfo("node") { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        string[] arguments =
        [
            "--require", Path.Combine(SourceFolder, "exit-with-parent.cjs"), script, "--silent", "--skipApiVersionCheck", "--disableTelemetry",
            "--blobHost", "127.0.0.1", "--queueHost", "127.0.0.1", "--tableHost", "127.0.0.1",
            // Port 0: Azurite takes free ports itself and prints them, so that no other process can take one in between.
            "--blobPort", "0", "--queuePort", "0", "--tablePort", "0",
            .. dataFolder is null ? ["--inMemoryPersistence"] : (string[])["--location", dataFolder],
        ];
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        return start;
    }

    private async Task ReadPortsAsync(TextWriter log, CancellationToken cancel)
    {
        var endpoints = new Dictionary<string, string>(StringComparer.Ordinal);
        process.ErrorDataReceived += (_, line) => log.WriteLine(line.Data);
        process.BeginErrorReadLine();
        while (endpoints.Count < 3)
        {
            var line = await process.StandardOutput.ReadLineAsync(cancel) ?? throw new InvalidOperationException("Azurite ended before it listened. What it printed is in the log.");
            await log.WriteLineAsync(line.AsMemory(), cancel);
            if (Listening().Match(line) is { Success: true } match) endpoints[match.Groups["service"].Value] = match.Groups["address"].Value;
        }

        ConnectionString = $"DefaultEndpointsProtocol=http;AccountName={Account};AccountKey={WellKnownKey};"
            + string.Concat(endpoints.Select(endpoint => $"{endpoint.Key}Endpoint={endpoint.Value}/{Account};"));
        _ = process.StandardOutput.BaseStream.CopyToAsync(Stream.Null, CancellationToken.None);
    }

    [GeneratedRegex("^Azurite (?<service>Blob|Queue|Table) service is successfully listening at (?<address>http://127[.]0[.]0[.]1:[0-9]+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Listening();
}
