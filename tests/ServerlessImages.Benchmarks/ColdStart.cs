using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using ServerlessImages.Api;

namespace ServerlessImages.Benchmarks;

/// <summary>Starts the published app as the Functions host does, again and again. The files are in the system's cache after the first time, which is not counted.</summary>
internal static class ColdStart
{
    public static async Task<int> RunAsync(DirectoryInfo app, int runs, CancellationToken cancel)
    {
        var storage = Directory.CreateTempSubdirectory("serverlessimages-").FullName;
        try
        {
            using var upstream = new UpstreamStub(PngFile.Make(1_000), TimeSpan.Zero);
            var settings = ProductProcess.Settings(new Uri("http://127.0.0.1/"), upstream, storage, storage: null);
            var key = await OpenAccountAsync(settings, cancel);
            var executable = Path.Combine(app.FullName, "ServerlessImages.Api");
            await StartOnceAsync(executable, settings, key, cancel);
            var times = new List<StartTimes>();
            for (var run = 0; run < runs; run++) times.Add(await StartOnceAsync(executable, settings, key, cancel));
            Tell(app, times);
            return 0;
        }
        finally
        {
            Directory.Delete(storage, recursive: true);
        }
    }

    private static async Task<string> OpenAccountAsync(Dictionary<string, string?> settings, CancellationToken cancel)
    {
        await using var product = ServerlessImagesApp.Build([], builder => ProductServer.Apply(builder, settings));
        return await ProductServer.OpenAccountAsync(product.Services, cancel);
    }

    private static async Task<StartTimes> StartOnceAsync(string executable, Dictionary<string, string?> settings, string key, CancellationToken cancel)
    {
        var port = ProductProcess.FreePort().ToString(CultureInfo.InvariantCulture);
        var start = new ProcessStartInfo(executable) { WorkingDirectory = Path.GetDirectoryName(executable), UseShellExecute = false, RedirectStandardOutput = true };
        foreach (var (name, value) in settings) start.Environment[name.Replace(":", "__", StringComparison.Ordinal)] = value;
        start.Environment["FUNCTIONS_CUSTOMHANDLER_PORT"] = port;
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}/"), DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", key) } };

        var startedAt = TimeProvider.System.GetTimestamp();
        using var process = Process.Start(start)!;
        _ = process.StandardOutput.BaseStream.CopyToAsync(Stream.Null, CancellationToken.None);
        try
        {
            await AnswersAsync(http, process, cancel);
            var answered = TimeProvider.System.GetElapsedTime(startedAt);
            await PaidImageAsync(http, cancel);
            return new StartTimes(answered, TimeProvider.System.GetElapsedTime(startedAt), process.TotalProcessorTime);
        }
        finally
        {
            if (!process.HasExited) process.Kill();
            await process.WaitForExitAsync(CancellationToken.None);
        }
    }

    /// <summary>Asks more often than the host, so that its pace is not what is measured.</summary>
    private static async Task AnswersAsync(HttpClient http, Process process, CancellationToken cancel)
    {
        while (!process.HasExited)
        {
            try
            {
                using var answer = await http.GetAsync(new Uri("/", UriKind.Relative), cancel);
                answer.EnsureSuccessStatusCode();
                return;
            }
            catch (HttpRequestException notYet) when (notYet.HttpRequestError == HttpRequestError.ConnectionError)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(1), cancel);
            }
        }

        throw new InvalidOperationException("The app ended instead of answering.");
    }

    private static async Task PaidImageAsync(HttpClient http, CancellationToken cancel)
    {
        using var body = new StringContent(ProductProcess.GenerationJson, Encoding.UTF8, "application/json");
        using var answer = await http.PostAsync(new Uri("/v1/images/generations", UriKind.Relative), body, cancel);
        answer.EnsureSuccessStatusCode();
        await answer.Content.LoadIntoBufferAsync(cancel);
    }

    private static void Tell(DirectoryInfo app, List<StartTimes> times)
    {
        var size = app.EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length) / (1024.0 * 1024);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{size:0} MiB; {times.Count} starts, median (least to most); {Report.Busy()}"));
        Console.WriteLine("first answer, GET /:  " + Summary(times.Select(each => each.Answer)));
        Console.WriteLine("first paid image:     " + Summary(times.Select(each => each.Image)));
        Console.WriteLine("processor time of it: " + Summary(times.Select(each => each.Processor)));
    }

    private static string Summary(IEnumerable<TimeSpan> times)
    {
        var sorted = times.Select(time => time.TotalMilliseconds).Order().ToArray();
        return string.Create(CultureInfo.InvariantCulture, $"{sorted[sorted.Length / 2]:0} ms ({sorted[0]:0} to {sorted[^1]:0})");
    }

    /// <param name="Processor">Of all threads together, until the image: what others do on the machine changes it least.</param>
    private readonly record struct StartTimes(TimeSpan Answer, TimeSpan Image, TimeSpan Processor);
}
