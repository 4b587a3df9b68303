using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace ServerlessImages.EndToEnd;

/// <summary>One instance of the product: its own program, in a process of its own.</summary>
internal sealed class ApiProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeMax = TimeSpan.FromSeconds(60);
    private static readonly HttpClient Http = new();
    private readonly Process process;
    private readonly Uri address;
    private readonly Task<string> log;

    private ApiProcess(Process process, Uri address)
    {
        (this.process, this.address) = (process, address);
        log = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        _ = process.StandardError.BaseStream.CopyToAsync(Stream.Null, CancellationToken.None);
    }

    public static ApiProcess Start(Uri address, IReadOnlyDictionary<string, string?> settings)
    {
        var dotnet = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"));
        var start = new ProcessStartInfo(dotnet, [Path.Combine(AppContext.BaseDirectory, "ServerlessImages.Api.dll")]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in settings) start.Environment[name.Replace(":", "__", StringComparison.Ordinal)] = value;
        start.Environment["ASPNETCORE_URLS"] = address.AbsoluteUri;

        // It is killed before what this gathers could pay.
        start.Environment["DOTNET_TieredPGO"] = "0";
        return new ApiProcess(Process.Start(start)!, address);
    }

    /// <exception cref="InvalidOperationException">It ended instead, or took too long.</exception>
    public async Task ReadyAsync(CancellationToken cancel)
    {
        var startedAt = TimeProvider.System.GetTimestamp();
        while (!await IsHealthyAsync(cancel))
        {
            if (process.HasExited) throw new InvalidOperationException($"An instance ended with {process.ExitCode.ToString(CultureInfo.InvariantCulture)} before it served: {await log}");
            if (TimeProvider.System.GetElapsedTime(startedAt) > StartTimeMax) throw new InvalidOperationException($"An instance did not serve within {StartTimeMax}.");
            await Task.Delay(TimeSpan.FromMilliseconds(20), cancel);
        }
    }

    /// <summary>SIGKILL: the process gets no chance to finish anything.</summary>
    /// <returns>The errors that it had logged.</returns>
    public async Task<string> KillAsync()
    {
        if (!process.HasExited) process.Kill();
        await process.WaitForExitAsync();
        return await log;
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        process.Dispose();
    }

    private async Task<bool> IsHealthyAsync(CancellationToken cancel)
    {
        try
        {
            using var answer = await Http.GetAsync(new Uri(address, "health"), cancel);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
