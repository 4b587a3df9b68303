using System.Text.Json.Nodes;
using ServerlessImages.Tests.Docs;

namespace ServerlessImages.Tests.Infra;

/// <summary>The ARM template that <c>infra/main.bicep</c> compiles to.</summary>
public sealed class TemplateTests
{
    private static readonly Lazy<Task<string>> Text = new(() => BicepCli.RunAsync(BicepCli.Infra, "build", "main.bicep", "--stdout"));

    [Fact]
    public async Task Every_parameter_output_and_type_is_described()
    {
        foreach (var template in Templates(await TemplateAsync()))
        {
            var described = Members(template, "parameters").Concat(Members(template, "outputs")).Concat(Members(template, "definitions").SelectMany(each => Members(each.Value, "properties").Append(each)));

            // What Bicep adds of its own accord has no description.
            foreach (var (name, value) in described.Where(each => !each.Key.StartsWith('_')))
            {
                Assert.True(value!["metadata"]?["description"] is not null, $"{name} is not described.");
            }
        }
    }

    [Fact]
    public async Task Every_number_text_and_list_that_an_operator_can_set_is_bounded()
    {
        var parameters = Members(await TemplateAsync(), "parameters").ToList();

        Assert.NotEmpty(parameters);
        foreach (var (name, value) in parameters.Where(each => each.Key != "location"))
        {
            var bounded = value.Text("type") switch
            {
                "int" => value!["allowedValues"] is not null || (value["minValue"] is not null && value["maxValue"] is not null),
                "string" or "array" => value!["allowedValues"] is not null || value["maxLength"] is not null,
                _ => true,
            };
            Assert.True(bounded, $"{name} has no bounds.");
        }
    }

    [Fact]
    public async Task An_instance_is_not_given_more_requests_than_the_host_takes()
    {
        var host = JsonNode.Parse(DocFile.Read("host.json"))!["extensions"]!["http"];

        Assert.Equal(host.Text("maxConcurrentRequests"), (await TemplateAsync())["parameters"]!["perInstanceConcurrency"].Text("maxValue"));
    }

    [Theory]
    [InlineData("listKeys")]
    [InlineData("listAccountSas")]
    [InlineData("listServiceSas")]
    [InlineData("listConnectionStrings")]
    [InlineData("AccountKey")]
    [InlineData("SharedAccess")]
    [InlineData("secureString")]
    [InlineData("Microsoft.KeyVault/vaults/secrets")]
    [InlineData("-----BEGIN")]
    public async Task It_has_no_secret_and_asks_for_none(string word)
    {
        Assert.DoesNotContain(word, await Text.Value, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Deployments_of_one_account_are_made_one_after_the_other()
    {
        var loops = Templates(await TemplateAsync()).SelectMany(each => Members(each, "resources")).Where(each => each.Value.Text("type") == "Microsoft.CognitiveServices/accounts/deployments");

        Assert.Equal(["serial 1"], loops.Select(each => $"{each.Value!["copy"].Text("mode")} {each.Value["copy"].Text("batchSize")}"));
    }

    [Fact]
    public async Task It_tells_the_scripts_what_they_ask_for()
    {
        var outputs = Members(await TemplateAsync(), "outputs").Select(each => each.Key);

        Assert.Equal(["AZURE_RESOURCE_GROUP", "DEPLOYMENT_CONTAINER", "DEPLOYMENT_STORAGE_ACCOUNT", "FUNCTION_APP_NAME", "KEY_VAULT_NAME", "PEPPER_SECRETS", "PUBLIC_URL", "SIGNING_KEY_SECRETS"], outputs.Order(StringComparer.Ordinal));
    }

    private static async Task<JsonNode> TemplateAsync() => JsonNode.Parse(await Text.Value)!;

    /// <summary>The template and those of its modules.</summary>
    private static IEnumerable<JsonNode> Templates(JsonNode template) =>
        Members(template, "resources").Select(each => each.Value!["properties"]?["template"]).OfType<JsonNode>().SelectMany(Templates).Prepend(template);

    /// <summary>What has a name; a template without symbolic names has its resources in a list.</summary>
    private static IEnumerable<KeyValuePair<string, JsonNode?>> Members(JsonNode? node, string name) => node?[name] switch
    {
        JsonObject named => named,
        JsonArray list => list.Select(each => new KeyValuePair<string, JsonNode?>(each.Text("name"), each)),
        _ => [],
    };
}
