using System.ComponentModel;
using System.Diagnostics;

namespace ServerlessImages.Local.Node;

/// <summary>Runs a command-line program to its end. One that is cancelled, or fails to be read, is killed with all that it started.</summary>
internal static class NodeTool
{
    /// <param name="folder">The working directory. Default: this process's own.</param>
    /// <exception cref="Win32Exception">There is no such program.</exception>
    public static async Task<NodeOutput> RunAsync(string program, IEnumerable<string> arguments, string? folder, CancellationToken cancel)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder ?? "",
        })!;
        try
        {
            var errors = process.StandardError.ReadToEndAsync(cancel);
            var output = await process.StandardOutput.ReadToEndAsync(cancel);
            await process.WaitForExitAsync(cancel);
            return new(process.ExitCode, output, await errors);
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
    }
}

/// <param name="Text">What went to standard output.</param>
/// <param name="Errors">What went to standard error.</param>
internal sealed record NodeOutput(int ExitCode, string Text, string Errors);
