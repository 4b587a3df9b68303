namespace ServerlessImages.Tests.Infra;

/// <summary>Runs a script of <c>infra</c> with a stand-in for Azure's command line, itself a script of a test.</summary>
internal static class FakeAz
{
    public static async Task<Command> RunAsync(string folder, string az, string script, IEnumerable<string> arguments, IReadOnlyDictionary<string, string> environment)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The script needs bash.");
        var programs = Directory.CreateDirectory(Path.Combine(folder, "bin")).FullName;
        var program = Path.Combine(programs, "az");
        await File.WriteAllTextAsync(program, "#!/bin/bash\n" + az);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return await Command.RunAsync("/bin/bash", ["-c", "PATH=\"$0:$PATH\" exec bash \"$@\"", programs, Path.Combine(BicepCli.Infra, script), .. arguments], folder, environment);
    }
}
