using System.CommandLine;
using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using ServerlessImages.Cli;
using ServerlessImages.Tests.Cli;

namespace ServerlessImages.Tests.Docs;

/// <summary><c>docs/cli.md</c> and the command line say the same.</summary>
public sealed partial class CliDocTests
{
    private const string Page = "docs/cli.md";

    [Fact]
    public void Every_command_is_documented_with_its_arguments_and_no_other_is()
    {
        Assert.Equal(Leaves().Select(leaf => leaf.Usage).Order(StringComparer.Ordinal), Heading().Matches(DocFile.Read(Page)).Select(each => each.Groups["usage"].Value).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_option_of_each_command_is_documented_and_no_other_is()
    {
        foreach (var (usage, command) in Leaves())
        {
            var inDocs = DocFile.TableBelow(Page, $"### `{usage}`").Select(cells => cells[0]).Where(cell => cell.StartsWith('`')).Select(DocFile.Bare);
            Assert.Equal(command.Options.Where(option => !option.Hidden).Select(option => option.Name).Order(StringComparer.Ordinal), inDocs.Order(StringComparer.Ordinal));
        }
    }

    [Fact]
    public void The_options_of_every_command_are_documented_with_their_variables()
    {
        var rows = DocFile.TableBelow(Page, "## Options of every command").Skip(1).ToArray();

        Assert.Equal(Root().Options.Where(option => option.Recursive && option.Name.StartsWith("--", StringComparison.Ordinal) && option.Name is not "--help").Select(option => option.Name), rows.Select(cells => DocFile.Bare(cells[0])));
        Assert.Equal([DeskOptions.UrlVariable, DeskOptions.AudienceVariable, DeskOptions.TokenVariable], rows.Select(cells => DocFile.Bare(cells[1])).Where(name => name != "–"));
    }

    [Fact]
    public void Every_exit_code_is_documented_and_no_other_is()
    {
        var inCode = typeof(ExitCode).GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => ((int)field.GetRawConstantValue()!).ToString(CultureInfo.InvariantCulture));

        Assert.Equal(inCode, DocFile.TableBelow(Page, "## Exit codes").Skip(1).Select(cells => cells[0]));
    }

    private static RootCommand Root() => CliApp.Root(CliRun.Nowhere());

    /// <summary>The commands that do something, each as it is called.</summary>
    private static IEnumerable<(string Usage, Command Command)> Leaves() => Root().Subcommands.SelectMany(command => Leaves(command, command.Name));

    private static IEnumerable<(string Usage, Command Command)> Leaves(Command command, string path) => command.Subcommands.Count == 0
        ? [(string.Join(' ', [path, .. command.Arguments.Select(argument => $"<{argument.Name}>")]), command)]
        : command.Subcommands.SelectMany(each => Leaves(each, $"{path} {each.Name}"));

    [GeneratedRegex("^### `(?<usage>[^`]+)`$", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Heading();
}
