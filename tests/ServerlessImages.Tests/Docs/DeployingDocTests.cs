using System.Text.RegularExpressions;

namespace ServerlessImages.Tests.Docs;

/// <summary><c>docs/deploying.md</c> against <c>infra</c>; the table of roles is held to what is deployed by <c>ResourceTests</c>.</summary>
public sealed partial class DeployingDocTests
{
    private const string Document = "docs/deploying.md";

    [Fact]
    public void Every_parameter_is_documented_in_the_order_of_the_template_and_no_other_is()
    {
        var inTemplate = Parameter().Matches(DocFile.Read("infra/main.bicep")).Select(each => each.Groups["name"].Value);
        var inDocs = DocFile.TableBelow(Document, "## Parameters").Where(cells => cells[0].StartsWith('`')).Select(cells => DocFile.Bare(cells[0])).Where(name => !name.Contains('/', StringComparison.Ordinal));

        Assert.Equal(inTemplate, inDocs);
    }

    [Fact]
    public void Every_required_parameter_is_said_to_be_and_no_other()
    {
        var inTemplate = RequiredParameter().Matches(DocFile.Read("infra/main.bicep")).Select(each => each.Groups["name"].Value);
        var inDocs = DocFile.TableBelow(Document, "## Parameters").Where(cells => cells is [_, "–", _]).Select(cells => DocFile.Bare(cells[0]));

        Assert.Equal(inTemplate, inDocs);
    }

    [Fact]
    public void Every_environment_is_documented_and_no_other_is()
    {
        var files = Directory.GetFiles(Path.Combine(DocFile.Root, "infra/environments")).Select(file => "infra/environments/" + Path.GetFileName(file));
        var inDocs = DocFile.TableBelow(Document, "## Parameters").Select(cells => DocFile.Bare(cells[0])).Where(name => name.StartsWith("infra/environments/", StringComparison.Ordinal));

        Assert.Equal(files.Order(StringComparer.Ordinal), inDocs.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void What_the_parameter_files_ask_for_is_documented()
    {
        var asked = Variable().Matches(DocFile.Read("infra/main.bicepparam")).Select(each => each.Groups["name"].Value).ToList();

        Assert.NotEmpty(asked);
        Assert.All(asked, name => Assert.Contains(name, DocFile.Read(Document), StringComparison.Ordinal));
    }

    [GeneratedRegex("^param (?<name>[A-Za-z]+) ", RegexOptions.ExplicitCapture | RegexOptions.Multiline, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Parameter();

    [GeneratedRegex("^param (?<name>[A-Za-z]+) [^=\n]+$", RegexOptions.ExplicitCapture | RegexOptions.Multiline, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex RequiredParameter();

    [GeneratedRegex(@"readEnvironmentVariable\('(?<name>[A-Z_]+)'", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Variable();
}
