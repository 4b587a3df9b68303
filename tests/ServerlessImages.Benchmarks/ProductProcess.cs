using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;

namespace ServerlessImages.Benchmarks;

/// <summary>The product in a process of its own, so that its processor time and memory are its own; with the Api's own runtime settings.</summary>
internal sealed class ProductProcess : IAsyncDisposable
{
    private const string Model = "gpt-image-2";
    public const string GenerationJson = $$"""{"model":"{{Model}}","prompt":"A red fox checks its bill by candlelight","size":"1024x1024","quality":"low"}""";
    private readonly Process process;

    private readonly string folder;

    private ProductProcess(Process process, string folder) => (this.process, this.folder) = (process, folder);

    /// <summary>One paid image.</summary>
    public required Target Target { get; init; }

    /// <summary>The same image straight from the upstream, with the body that the product sends it.</summary>
    public static Target BareCall(UpstreamStub upstream) =>
        Target.Post(new Uri(upstream.Address, "openai/v1/images/generations"), "stub", GenerationJson[..^1] + ",\"stream\":true}");

    public TimeSpan ProcessorTime
    {
        get
        {
            process.Refresh();
            return process.TotalProcessorTime;
        }
    }

    /// <summary>The largest resident set so far.</summary>
    public long PeakMemoryBytes => MemoryBytes("VmHWM", each => each.PeakWorkingSet64);

    /// <summary>The resident set now.</summary>
    public long MemoryNowBytes => MemoryBytes("VmRSS", each => each.WorkingSet64);

    /// <param name="storage">The settings of the store, or null for the embedded one.</param>
    public static async Task<ProductProcess> StartAsync(UpstreamStub upstream, string folder, IReadOnlyDictionary<string, string?>? storage, CancellationToken cancel)
    {
        Directory.CreateDirectory(folder);
        var address = new Uri($"http://127.0.0.1:{FreePort().ToString(CultureInfo.InvariantCulture)}/");
        var settingsFile = Path.Combine(folder, "settings.json");
        await File.WriteAllTextAsync(settingsFile, JsonSerializer.Serialize(Settings(address, upstream, folder, storage)), cancel);
        var started = Process.Start(StartOf(settingsFile))!;
        if (await started.StandardOutput.ReadLineAsync(cancel) is not { } key) throw new InvalidOperationException("The product did not start: " + await started.StandardError.ReadToEndAsync(cancel));
        _ = started.StandardError.BaseStream.CopyToAsync(Stream.Null, CancellationToken.None);
        return new ProductProcess(started, folder) { Target = Target.Post(new Uri(address, "v1/images/generations"), key, GenerationJson) };
    }

    public async Task<ProductState> StateAsync(CancellationToken cancel)
    {
        await process.StandardInput.WriteLineAsync("state".AsMemory(), cancel);
        await process.StandardInput.FlushAsync(cancel);
        var line = await process.StandardOutput.ReadLineAsync(cancel) ?? throw new InvalidOperationException("The product ended.");
        return JsonSerializer.Deserialize<ProductState>(line)!;
    }

    /// <summary>Deletes the stored images, which are gigabytes: nobody will ask for them.</summary>
    public void DropImages()
    {
        var images = Path.Combine(folder, "results");
        if (!Directory.Exists(images)) return;
        foreach (var account in Directory.GetDirectories(images)) Directory.Delete(account, recursive: true);
    }

    public async ValueTask DisposeAsync()
    {
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        process.Dispose();
    }

    public static Dictionary<string, string?> Settings(Uri address, UpstreamStub upstream, string folder, IReadOnlyDictionary<string, string?>? storage)
    {
        var plans = Path.Combine(folder, "plans.json");
        File.WriteAllText(plans, ProductServer.PlansJson());
        var settings = new Dictionary<string, string?>
        {
            ["PublicUrl"] = address.AbsoluteUri,
            ["Keys:Peppers:1"] = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)),
            ["Receipts:SigningKeys:1"] = ReceiptKey(),
            ["Catalog:PlansFile"] = plans,
            ["AzureOpenAI:Deployments:0:Name"] = "stub",
            ["AzureOpenAI:Deployments:0:Model"] = Model,
            ["AzureOpenAI:Deployments:0:Deployment"] = Model,
            ["AzureOpenAI:Deployments:0:Endpoint"] = upstream.Address.AbsoluteUri,
            ["AzureOpenAI:Deployments:0:ApiKey"] = "stub",
            ["Storage:Kind"] = "Embedded",
            ["Storage:Folder"] = folder,
        };
        foreach (var (name, value) in storage ?? new Dictionary<string, string?>()) settings[name] = value;
        return settings;
    }

    private static string ReceiptKey()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return Convert.ToBase64String(key.ExportPkcs8PrivateKey());
    }

    private static ProcessStartInfo StartOf(string settingsFile)
    {
        var start = new ProcessStartInfo(Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet")))
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        string[] arguments = ["exec", "--runtimeconfig", Beside("ServerlessImages.Api.runtimeconfig.json"), Assembly.GetExecutingAssembly().Location, ProductServer.Command, settingsFile];
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        return start;
    }

    private static string Beside(string file) => Path.Combine(AppContext.BaseDirectory, file);

    /// <summary>Linux counts both exactly; elsewhere the runtime knows.</summary>
    private long MemoryBytes(string name, Func<Process, long> elsewhere)
    {
        if (OperatingSystem.IsLinux())
        {
            var line = File.ReadLines($"/proc/{process.Id.ToString(CultureInfo.InvariantCulture)}/status").First(each => each.StartsWith(name + ":", StringComparison.Ordinal));
            return 1024 * long.Parse(line.AsSpan(name.Length + 1).Trim(" \tkB"), CultureInfo.InvariantCulture);
        }

        process.Refresh();
        return elsewhere(process);
    }

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
