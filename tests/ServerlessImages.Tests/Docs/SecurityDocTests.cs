using System.Text.RegularExpressions;

namespace ServerlessImages.Tests.Docs;

/// <summary>What <c>SECURITY.md</c> says is held by a test, is.</summary>
public sealed partial class SecurityDocTests
{
    [Fact]
    public void Every_risk_of_the_list_has_its_row_and_its_tests_are_there()
    {
        var rows = DocFile.TableBelow("SECURITY.md", "## OWASP API Security Top 10 (2023)").Where(cells => cells[0].StartsWith("API", StringComparison.Ordinal)).ToArray();
        var tests = Directory.EnumerateFiles(Path.Combine(DocFile.Root, "tests"), "*Tests.cs", SearchOption.AllDirectories).Select(Path.GetFileNameWithoutExtension).ToHashSet();

        Assert.Equal(Enumerable.Range(1, 10).Select(number => $"API{number}"), rows.Select(cells => cells[0].Split(' ')[0]));
        Assert.All(rows, cells => Assert.NotEmpty(TestName().Matches(cells[2])));
        Assert.All(TestName().Matches(DocFile.Read("SECURITY.md")), each => Assert.Contains(each.Groups["name"].Value, tests));
    }

    [GeneratedRegex("`(?<name>[A-Za-z0-9]+Tests)`", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex TestName();
}
