using System.Net;
using System.Text.RegularExpressions;
using ServerlessImages.Local;
using ServerlessImages.Local.AzureOpenAI;
using ServerlessImages.Local.Stripe;
using ServerlessImages.Tests.Api;

namespace ServerlessImages.Tests.Docs;

/// <summary><c>docs/local.md</c> and <c>README.md</c> against what runs on one machine.</summary>
public sealed partial class LocalDocTests
{
    private const string Steers = "## Steering the emulator";

    [Fact]
    public void Every_steer_is_documented_and_no_other_is()
    {
        Assert.Equal(PromptSteer.All.Select(steer => ($"`{steer.Example}`", steer.Meaning)), DocFile.TableBelow("docs/local.md", Steers).Skip(1).Select(cells => (cells[0], cells[1])));
    }

    [Fact]
    public async Task The_API_answers_each_steer_as_documented()
    {
        // What stalls ends with its request's own deadline: the shortest there is.
        await using var product = await Product.StartAsync(settings: [("Generation:Deadline", "00:00:10")]);
        await Task.WhenAll(DocFile.TableBelow("docs/local.md", Steers).Skip(1).Select(AssertAnsweredAsync));

        async Task AssertAnsweredAsync(string[] cells)
        {
            // Each an account of its own: refused prompts count.
            var customer = await product.CustomerAsync();
            using var response = await customer.GenerateAsync("a fox " + DocFile.Bare(cells[0]));
            var answer = response.StatusCode == HttpStatusCode.OK ? "the image" : $"`{(await response.JsonAsync()).Text("error", "code")}`";
            Assert.StartsWith(answer, cells[2], StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Every_test_card_is_documented_and_no_other_is()
    {
        Assert.Equal(StripeTestCard.All.Select(card => ($"`{card.Number}`", card.Meaning)), DocFile.TableBelow("docs/local.md", "## Paying").Skip(1).Select(cells => (cells[0], cells[1])));
    }

    [Fact]
    public void The_emulated_Stripe_announces_what_an_operator_is_told_to_ask_for()
    {
        var documented = DocFile.TableBelow("docs/billing.md", "## Announcements").Skip(1).SelectMany(cells => cells[0].Split(", ")).Where(cell => cell.StartsWith('`')).Select(DocFile.Bare);

        Assert.Equal(documented.Order(StringComparer.Ordinal), LocalProduct.WebhookTypes.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("README.md")]
    [InlineData("docs/local.md")]
    public void Every_option_of_the_local_run_is_documented_and_no_other_is(string document)
    {
        var inCode = Option().Matches(DocFile.Read("src/ServerlessImages.Local/Program.cs")).Select(each => each.Groups["name"].Value);
        var inDocs = File.ReadLines(Path.Combine(DocFile.Root, document))
            .Where(line => line.StartsWith("| `--", StringComparison.Ordinal))
            .Select(line => line.Split('`')[1].Split(' ')[0]);

        Assert.Equal(inCode.Order(StringComparer.Ordinal), inDocs.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_field_of_the_journeys_JSON_is_documented_and_no_other_is()
    {
        var documented = DocFile.TableBelow("docs/local.md", "## The journey as JSON").Skip(1).SelectMany(cells => cells[0].Split(", ")).Select(DocFile.Bare);
        var inCode = JsonField().Matches(DocFile.Read("src/ServerlessImages.Local/JourneyResult.cs")).Select(each => each.Groups["name"].Value);

        Assert.Equal(inCode.Order(StringComparer.Ordinal), documented.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_commands_and_links_of_the_README_lead_somewhere()
    {
        var readme = DocFile.Read("README.md");

        Assert.Contains("\ndotnet test\n", readme, StringComparison.Ordinal);
        Assert.All(Project().Matches(readme), each => Assert.True(Directory.GetFiles(Path.Combine(DocFile.Root, each.Groups["path"].Value), "*.csproj").Length == 1, each.Value));
        Assert.NotEmpty(Link().Matches(readme));
        Assert.All(Link().Matches(readme), each => Assert.True(Path.Exists(Path.Combine(DocFile.Root, each.Groups["path"].Value)), each.Value));
    }

    [Fact]
    public void The_README_maps_every_project_and_its_folders()
    {
        var readme = DocFile.Read("README.md");
        var projects = Directory.GetDirectories(Path.Combine(DocFile.Root, "src"));
        var folders = projects.SelectMany(Directory.GetDirectories).Where(folder => Path.GetFileName(folder) is not ("bin" or "obj"));

        Assert.All(projects, project => Assert.Contains(Path.GetFileName(project), readme, StringComparison.Ordinal));
        Assert.All(folders, folder => Assert.Contains(Path.GetFileName(folder) + "/", readme, StringComparison.Ordinal));
    }

    [Fact]
    public void The_continuous_integration_runs_the_README_s_test_command()
    {
        Assert.Contains("\ndotnet test --no-build --report-trx ", DocFile.Read(".ci/run"), StringComparison.Ordinal);
    }

    [GeneratedRegex("Option<[^>]+>\\(\"(?<name>--[a-z]+)\"\\)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Option();

    [GeneratedRegex("^ {8}(?<name>[a-z_]+) = ", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex JsonField();

    [GeneratedRegex("--project (?<path>[A-Za-z./]+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Project();

    [GeneratedRegex(@"\]\((?<path>(?!https?:)[^)#]+)[^)]*\)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Link();
}
