using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

namespace ServerlessImages.Local;

/// <summary>One run: start everything, make the journey, tell about it, and serve until it is ended.</summary>
internal static class LocalRun
{
    private const int Success = 0;
    private const int Failure = 1;

    public static async Task<int> RunAsync(LocalOptions options, CancellationToken cancel)
    {
        var report = new RunReport(Console.Out, Console.Error, options.Json);
        try
        {
            await using var product = await LocalProduct.StartAsync(options, report.Progress, cancel);
            var history = new RunHistory(options.Folder);
            var journey = await new Journey(product).RunAsync(cancel);
            report.Tell(product, journey, history.Last(), TimeProvider.System.GetUtcNow());
            history.Add(journey, TimeProvider.System.GetUtcNow());
            if (!options.Once)
            {
                report.Serving(product, journey);
                await ServeAsync(report, cancel);
            }

            return journey.AddsUp ? Success : Failure;
        }
        catch (LocalStartException problem)
        {
            report.Fail(problem.Message);
            return Failure;
        }
        catch (JourneyException problem)
        {
            report.Fail(problem.Message);
            return Failure;
        }
        catch (IOException problem) when (problem.InnerException is AddressInUseException or SocketException)
        {
            report.Fail($"Port {options.Port} is taken by another program. Choose another with --port, or --port 0 for any free one.");
            return Failure;
        }
    }

    private static async Task ServeAsync(RunReport report, CancellationToken cancel)
    {
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, cancel);
        }
        catch (OperationCanceledException)
        {
            report.Progress("Stopping.");
        }
    }
}

/// <summary>Something of this machine stands in the way; the message says what, and what to do.</summary>
internal sealed class LocalStartException(string message, Exception? cause = null) : Exception(message, cause);
