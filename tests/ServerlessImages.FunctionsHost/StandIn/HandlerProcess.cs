using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ServerlessImages.FunctionsHost.StandIn;

/// <summary>The app's process, started as the Functions host starts a custom handler.</summary>
internal sealed class HandlerProcess : IAsyncDisposable
{
    private static readonly HttpClient Probe = new(new SocketsHttpHandler { UseProxy = false });
    private readonly StringBuilder output = new();
    private readonly Process process;
    private readonly Task<int> exitCode;

    private HandlerProcess(Process process, Uri address)
    {
        (this.process, Address) = (process, address);
        process.OutputDataReceived += Keep;
        process.ErrorDataReceived += Keep;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        exitCode = ReadExitCodeAsync(process);
    }

    public Uri Address { get; }

    public string Output
    {
        get
        {
            lock (output) return output.ToString();
        }
    }

    /// <param name="hostAddress">Where the host itself listens: the handler has the host's whole environment.</param>
    public static HandlerProcess Start(HostFiles files, Uri hostAddress, IReadOnlyDictionary<string, string?> settings)
    {
        var port = FreePort().ToString(CultureInfo.InvariantCulture);
        var start = new ProcessStartInfo(files.Executable) { WorkingDirectory = files.Folder, UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in settings) start.Environment[name.Replace(":", "__", StringComparison.Ordinal)] = value;
        start.Environment["FUNCTIONS_CUSTOMHANDLER_PORT"] = port;
        start.Environment["FUNCTIONS_HTTPWORKER_PORT"] = port;
        start.Environment["FUNCTIONS_CUSTOMHANDLER_WORKER_ID"] = "stand-in";
        start.Environment["FUNCTIONS_APP_ROOT_PATH"] = files.Folder;

        // Whoever listened there would meet the host.
        start.Environment["ASPNETCORE_URLS"] = hostAddress.AbsoluteUri;
        start.Environment["Kestrel__Endpoints__Host__Url"] = hostAddress.AbsoluteUri;
        return new HandlerProcess(Process.Start(start)!, new Uri($"http://127.0.0.1:{port}/"));
    }

    /// <returns>Whether it answers; false if it has ended.</returns>
    public async Task<bool> ReadyAsync()
    {
        while (!process.HasExited)
        {
            try
            {
                // Any answer will do.
                using var answer = await Probe.GetAsync(Address);
                return true;
            }
            catch (HttpRequestException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(25));
            }
        }

        return false;
    }

    /// <summary>Read once, for all who ask: whoever started it lets go of the process when it has ended.</summary>
    public Task<int> ExitCodeAsync() => exitCode;

    /// <summary>SIGKILL.</summary>
    public void Kill() => process.Kill();

    /// <summary>SIGTERM.</summary>
    public void Terminate()
    {
        using var kill = Process.Start("kill", ["-TERM", process.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited) process.Kill();
        await exitCode;
        process.Dispose();
    }

    private static async Task<int> ReadExitCodeAsync(Process process)
    {
        await process.WaitForExitAsync();
        return process.ExitCode;
    }

    private void Keep(object sender, DataReceivedEventArgs line)
    {
        lock (output) output.AppendLine(line.Data);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
