using System.Reflection;
using ServerlessImages.Testing;
using Xunit.Sdk;
using Xunit.v3;

[assembly: TestPipelineStartup(typeof(OneProjectAtATime))]

namespace ServerlessImages.Testing;

/// <summary>
/// <c>dotnet test</c> starts all test projects at once and has no setting for fewer, only the switch <c>--max-parallel-test-modules</c>. They would take the
/// processor from each other, so each waits for its turn. The operating system frees the turn of one that died.
/// </summary>
public sealed class OneProjectAtATime : ITestPipelineStartup
{
    private FileStream? turn;

    public async ValueTask StartAsync(IMessageSink diagnosticMessageSink)
    {
        var file = typeof(OneProjectAtATime).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(each => each.Key == nameof(OneProjectAtATime)).Value!;
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        while ((turn = TryTake(file)) is null) await Task.Delay(TimeSpan.FromMilliseconds(100));
    }

    public ValueTask StopAsync() => turn!.DisposeAsync();

    private static FileStream? TryTake(string file)
    {
        try
        {
            return new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException taken) when (taken.GetType() == typeof(IOException))
        {
            return null;
        }
    }
}
