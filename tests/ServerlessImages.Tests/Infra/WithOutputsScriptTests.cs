using ServerlessImages.Tests.Storage;

namespace ServerlessImages.Tests.Infra;

/// <summary><c>infra/with-outputs.sh</c> with a stand-in for <c>az</c>.</summary>
public sealed class WithOutputsScriptTests
{
    [Fact]
    public async Task The_command_sees_every_output_under_its_own_name()
    {
        var run = await RunAsync("""
            case "$*" in
                "deployment group show --resource-group images --name main --query keys"*) printf 'functioN_APP_NAME\npeppeR_SECRETS\n' ;;
                "deployment group show --resource-group images --name main --query values"*) printf 'images-app\npepper-1 pepper-2\n' ;;
            esac
            """);

        Assert.Equal((0, "images-app, pepper-1 pepper-2\n", ""), (run.ExitCode, run.Output, run.Errors));
    }

    [Theory]
    [InlineData("exit 3", 3)]
    [InlineData("exit 0", 1)]
    public async Task Without_outputs_the_command_is_not_run(string az, int exitCode)
    {
        var run = await RunAsync(az);

        Assert.Equal((exitCode, ""), (run.ExitCode, run.Output));
    }

    private static async Task<Command> RunAsync(string az)
    {
        using var folder = new TemporaryFolder();
        return await FakeAz.RunAsync(folder.Path, az, "with-outputs.sh", ["bash", "-c", "echo \"$FUNCTION_APP_NAME, $PEPPER_SECRETS\""], new Dictionary<string, string> { ["AZURE_RESOURCE_GROUP"] = "images" });
    }
}
