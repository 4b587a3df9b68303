using System.Text.RegularExpressions;
using ServerlessImages.Tests.Docs;

namespace ServerlessImages.Tests.Infra;

/// <summary>What the workflows of GitHub Actions may do. Nothing here runs them.</summary>
public sealed partial class WorkflowTests
{
    private static readonly string[] Files = [".github/workflows/ci.yml", ".github/workflows/deploy.yml"];

    [Fact]
    public void They_use_GitHubs_and_Azures_own_actions_by_major_version_and_each_other()
    {
        var used = Files.SelectMany(file => Uses().Matches(DocFile.Read(file))).Select(each => each.Groups["action"].Value).Distinct();

        Assert.Equal(["./.github/workflows/ci.yml", "actions/checkout@v6", "actions/setup-dotnet@v5", "actions/setup-node@v6", "azure/login@v2"], used.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void They_know_no_secret_and_run_no_strangers_code_with_rights()
    {
        Assert.All(Files.Select(DocFile.Read), text =>
        {
            Assert.DoesNotMatch(@"\$\{\{ *secrets|secrets: inherit", text);
            Assert.DoesNotContain("pull_request_target", text, StringComparison.Ordinal);
            Assert.Contains("\npermissions:\n  contents: read\n", text, StringComparison.Ordinal);
            Assert.Empty(Rights().Matches(text).Select(each => each.Value.Trim()).Except(["contents: read", "id-token: write"]));
        });
    }

    [Fact]
    public void One_checks_what_the_other_deploys()
    {
        Assert.Contains("- run: .ci/run\n", DocFile.Read(Files[0]), StringComparison.Ordinal);
        Assert.DoesNotContain("id-token", DocFile.Read(Files[0]), StringComparison.Ordinal);
        Assert.Contains("needs: check\n", DocFile.Read(Files[1]), StringComparison.Ordinal);
    }

    [Fact]
    public void Each_environment_can_be_deployed()
    {
        var environments = Directory.GetFiles(Path.Combine(BicepCli.Infra, "environments"), "*.bicepparam").Select(Path.GetFileNameWithoutExtension).Order(StringComparer.Ordinal);

        Assert.Contains($"options: [{string.Join(", ", environments)}]\n", DocFile.Read(Files[1]), StringComparison.Ordinal);
    }

    [GeneratedRegex("uses: (?<action>.+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Uses();

    [GeneratedRegex("^ +[a-z-]+: (read|write|read-all|write-all)$", RegexOptions.ExplicitCapture | RegexOptions.Multiline, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Rights();
}
