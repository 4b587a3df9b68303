using ServerlessImages.Tests;
using Xunit.Sdk;
using Xunit.v3;

[assembly: TestPipelineStartup(typeof(OneAtATime))]

namespace ServerlessImages.Tests;

/// <summary>
/// Test projects run one after another, also with plain <c>dotnet test</c>, which has no setting for it: each waits for a file of this repository. Every test
/// project includes this file. The operating system frees the lock of a run that died.
/// </summary>
internal sealed class OneAtATime : ITestPipelineStartup, IAsyncDisposable
{
    private FileStream? turn;

    public async ValueTask StartAsync(IMessageSink diagnosticMessageSink)
    {
        while (turn is null)
        {
            try
            {
                turn = new FileStream(Path.Combine(TestsFolder(AppContext.BaseDirectory), "one-at-a-time.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException taken) when (taken.GetType() == typeof(IOException))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(200));
            }
        }
    }

    public ValueTask StopAsync() => DisposeAsync();

    public ValueTask DisposeAsync() => turn?.DisposeAsync() ?? default;

    /// <summary>The folder of this file, upwards from the assembly of whichever project includes it.</summary>
    private static string TestsFolder(string folder) =>
        File.Exists(Path.Combine(folder, "OneAtATime.cs")) ? folder : TestsFolder(Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("The tests do not stand in the repository."));
}
