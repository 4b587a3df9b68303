using System.ClientModel;
using System.Diagnostics;
using System.Reflection;
using System.Text.Json;
using OpenAI;
using OpenAI.Images;
using ServerlessImages.Clients;
using Xunit.Sdk;
using Xunit.v3;

[assembly: AssemblyFixture(typeof(LocalProgram))]
// They all read the balance of the one demo account.
[assembly: Parallelization(Mode = ParallelMode.None)]

namespace ServerlessImages.Clients;

/// <summary>
/// The product on this machine, as a process of its own: its OpenAI package and the tests' cannot be in the same one. What it takes for an SDK's own time-out
/// is scaled down.
/// </summary>
public sealed class LocalProgram : IAsyncLifetime
{
    private static readonly TimeSpan StartTimeMax = TimeSpan.FromMinutes(2);
    private readonly string folder = Directory.CreateTempSubdirectory("serverlessimages-").FullName;
    private readonly Task<string> errors;
    private readonly Process process;

    public LocalProgram()
    {
        process = Process.Start(new ProcessStartInfo(Program(), ["--port", "0", "--json", "--data", folder, "--set", "Generation:AdoptAfter=00:00:00.4"]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })!;
        errors = process.StandardError.ReadToEndAsync();
    }

    /// <summary>What a client is given as its endpoint.</summary>
    public Uri V1 { get; private set; } = null!;

    /// <summary>A key of the demo account.</summary>
    public string ApiKey { get; private set; } = "";

    /// <summary>The package's client as a customer makes it.</summary>
    /// <param name="key">Default: the demo account's.</param>
    /// <param name="timeout">When it gives up on a call and sends it again. Default: its own 100 seconds.</param>
    public ImageClient ImageClient(string? key = null, TimeSpan? timeout = null) =>
        new("gpt-image-2", new ApiKeyCredential(key ?? ApiKey), new OpenAIClientOptions { Endpoint = V1, NetworkTimeout = timeout });

    public async ValueTask InitializeAsync()
    {
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        cancel.CancelAfter(StartTimeMax);
        var line = await process.StandardOutput.ReadLineAsync(cancel.Token) ?? throw new InvalidOperationException("The product did not start: " + await errors);
        using var journey = JsonDocument.Parse(line);
        V1 = new Uri(journey.RootElement.GetProperty("base_url").GetString() + "/v1");
        ApiKey = journey.RootElement.GetProperty("api_key").GetString()!;
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited) process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
        process.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>Beside the assembly that the build has named.</summary>
    private static string Program()
    {
        var assembly = typeof(LocalProgram).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(each => each.Key == nameof(LocalProgram)).Value!;
        return OperatingSystem.IsWindows() ? Path.ChangeExtension(assembly, ".exe") : Path.ChangeExtension(assembly, null);
    }
}
