using System.Text.Json.Nodes;
using ServerlessImages.Images;
using ServerlessImages.Storage;
using ServerlessImages.Tests.Docs;

namespace ServerlessImages.Tests.Infra;

/// <summary>What each parameter file would deploy.</summary>
public sealed class ResourceTests
{
    /// <summary>Source: learn.microsoft.com, "Azure built-in roles".</summary>
    private static readonly Dictionary<string, string> RoleNames = new()
    {
        ["5e0bd9bd-7b93-4f28-af87-19fc36ad61bd"] = "Cognitive Services OpenAI User",
        ["b86a8fe4-44ce-4948-aee5-eccb2c155cd7"] = "Key Vault Secrets Officer",
        ["4633458b-17de-408a-b874-0445c86b69e6"] = "Key Vault Secrets User",
        ["3913510d-42f4-4e42-8a64-420c390055eb"] = "Monitoring Metrics Publisher",
        ["ba92f5b4-2d11-453d-a403-e96b0029c9fe"] = "Storage Blob Data Contributor",
        ["b7e6dc6d-f1e8-4753-8033-0f276bb0955b"] = "Storage Blob Data Owner",
        ["974c5e8b-45b9-4653-ba55-5f855dd0c8fb"] = "Storage Queue Data Contributor",
        ["0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3"] = "Storage Table Data Contributor",
    };

    public static TheoryData<string> ParameterFiles => Deployment.ParameterFiles;

    [Theory, MemberData(nameof(ParameterFiles))]
    public async Task No_key_and_no_password_opens_anything(string parameterFile)
    {
        var deployment = await Deployment.OfAsync(parameterFile);

        AllSay(deployment, "Microsoft.Storage/storageAccounts", 2, ("allowSharedKeyAccess", "false"), ("allowBlobPublicAccess", "false"), ("allowCrossTenantReplication", "false"));
        AllSay(deployment, "Microsoft.Storage/storageAccounts/blobServices/containers", 2, ("publicAccess", "None"));
        AllSay(deployment, "Microsoft.CognitiveServices/accounts", 1, ("disableLocalAuth", "true"));
        AllSay(deployment, "Microsoft.Insights/components", 1, ("DisableLocalAuth", "true"));
        AllSay(deployment, "Microsoft.OperationalInsights/workspaces", 1, ("features.disableLocalAuth", "true"));
        AllSay(deployment, "Microsoft.KeyVault/vaults", 1, ("enableRbacAuthorization", "true"), ("enableSoftDelete", "true"), ("enablePurgeProtection", "true"));
        AllSay(deployment, "Microsoft.Web/sites/basicPublishingCredentialsPolicies", 2, ("allow", "false"));
    }

    [Theory, MemberData(nameof(ParameterFiles))]
    public async Task Everything_is_reached_over_TLS_1_2_or_newer(string parameterFile)
    {
        var deployment = await Deployment.OfAsync(parameterFile);

        AllSay(deployment, "Microsoft.Storage/storageAccounts", 2, ("minimumTlsVersion", "TLS1_2"), ("supportsHttpsTrafficOnly", "true"));
        AllSay(deployment, "Microsoft.Web/sites", 1, ("httpsOnly", "true"), ("siteConfig.minTlsVersion", "1.2"), ("siteConfig.scmMinTlsVersion", "1.2"), ("siteConfig.ftpsState", "Disabled"));
    }

    [Theory, MemberData(nameof(ParameterFiles))]
    public async Task The_app_is_a_custom_handler_on_Flex_Consumption(string parameterFile)
    {
        var deployment = await Deployment.OfAsync(parameterFile);

        AllSay(deployment, "Microsoft.Web/sites", 1, ("functionAppConfig.runtime.name", "custom"), ("functionAppConfig.deployment.storage.type", "blobContainer"), ("functionAppConfig.deployment.storage.authentication.type", "UserAssignedIdentity"));
        Assert.Equal("FC1", deployment.OfType("Microsoft.Web/serverfarms").Single()["sku"].Text("name"));
        Assert.Equal("UserAssigned", deployment.OfType("Microsoft.Web/sites").Single()["identity"].Text("type"));
    }

    [Theory, MemberData(nameof(ParameterFiles))]
    public async Task The_tables_are_those_of_the_code_and_the_app_may_write_in_each(string parameterFile)
    {
        var deployment = await Deployment.OfAsync(parameterFile);
        var tables = deployment.OfType("Microsoft.Storage/storageAccounts/tableServices/tables").Select(each => each.Text("name").Split('/')[^1]);
        var writable = Roles(deployment).Where(each => each.Role == "Storage Table Data Contributor").Select(each => each.Scope.Split('/')[^1]);

        Assert.Equal(TableNames.All.Order(StringComparer.Ordinal), tables.Order(StringComparer.Ordinal));
        Assert.Equal(TableNames.All.Order(StringComparer.Ordinal), writable.Order(StringComparer.Ordinal));
    }

    [Theory, MemberData(nameof(ParameterFiles))]
    public async Task The_queues_are_those_of_the_code_each_with_one_for_what_fails_and_the_app_may_use_each(string parameterFile)
    {
        var deployment = await Deployment.OfAsync(parameterFile);
        var queues = deployment.OfType("Microsoft.Storage/storageAccounts/queueServices/queues").Select(each => each.Text("name").Split('/')[^1]);
        var usable = Roles(deployment).Where(each => each.Role == "Storage Queue Data Contributor").Select(each => each.Scope.Split('/')[^1]);
        var expected = QueueNames.All.Concat(QueueNames.All.Select(QueueNames.PoisonOf)).Order(StringComparer.Ordinal).ToArray();

        Assert.Equal(expected, queues.Order(StringComparer.Ordinal));
        Assert.Equal(expected, usable.Order(StringComparer.Ordinal));
    }

    [Theory, MemberData(nameof(ParameterFiles))]
    public async Task Roles_are_those_of_the_docs_and_no_other(string parameterFile)
    {
        var inTemplate = Roles(await Deployment.OfAsync(parameterFile)).Select(each => $"{each.Role} | {Place(each.Scope)} | {each.Holder}").Distinct();
        var inDocs = DocFile.TableBelow("docs/deploying.md", "## Who may do what").Skip(1).Select(cells => string.Join(" | ", cells[..3]).Replace("`", "", StringComparison.Ordinal));

        Assert.Equal(inDocs.Order(StringComparer.Ordinal), inTemplate.Order(StringComparer.Ordinal));
    }

    /// <summary>A caller who deletes an image is told that it is gone, and one with <c>store: true</c> that it is kept: nothing here knows which is which.</summary>
    [Theory, MemberData(nameof(ParameterFiles))]
    public async Task Nothing_but_the_app_deletes_a_blob_and_nothing_keeps_a_deleted_one(string parameterFile)
    {
        var deployment = await Deployment.OfAsync(parameterFile);

        Assert.Empty(deployment.OfType("Microsoft.Storage/storageAccounts/managementPolicies"));
        AllSay(deployment, "Microsoft.Storage/storageAccounts/blobServices", 2, ("deleteRetentionPolicy.enabled", "false"), ("isVersioningEnabled", "false"), ("containerDeleteRetentionPolicy.enabled", "true"));
    }

    [Theory, MemberData(nameof(ParameterFiles))]
    public async Task Every_image_deployment_serves_a_model_that_is_sold_in_its_version(string parameterFile)
    {
        var deployment = await Deployment.OfAsync(parameterFile);
        var sold = ModelCatalog.Parse(ModelCatalog.ShippedJson).Models;
        var deployed = deployment.OfType("Microsoft.CognitiveServices/accounts/deployments").Select(each => each["properties"]!["model"]!).ToList();
        var served = deployment.AppSettings.Where(each => each.Key.EndsWith("__Model", StringComparison.Ordinal)).Select(each => each.Value).ToList();

        Assert.NotEmpty(deployed);
        Assert.Equal(deployed.Count, served.Count);
        Assert.All(served, model => Assert.Contains(sold, each => each.Id == model));
        Assert.All(deployed, model => Assert.Contains(sold, each => each.Aliases.Contains($"{model.Text("name")}-{model.Text("version")}")));
    }

    [Fact]
    public async Task Production_keeps_its_money_in_three_zones()
    {
        var deployment = await Deployment.OfAsync("environments/prod.bicepparam");

        Assert.All(deployment.OfType("Microsoft.Storage/storageAccounts"), each => Assert.Equal("Standard_ZRS", each["sku"].Text("name")));
    }

    private static void AllSay(Deployment deployment, string type, int count, params (string Path, string Value)[] expected)
    {
        var resources = deployment.OfType(type).ToList();
        Assert.Equal(count, resources.Count);
        foreach (var (path, value) in expected) Assert.All(resources, each => Assert.Equal(value, At(each["properties"], path)));
    }

    private static string At(JsonNode? node, string path) => path.Split('.').Aggregate(node, (each, name) => each?[name])?.ToJsonString().Trim('"') ?? "nothing";

    private static IEnumerable<(string Role, string Scope, string Holder)> Roles(Deployment deployment) => deployment.OfType("Microsoft.Authorization/roleAssignments").Select(each =>
    {
        // The id of an assignment whose name only Azure knows is an expression, whose first text is the scope.
        var id = each.Text("id");
        var scope = id.StartsWith('[') ? id.Split('\'')[1] : id[..id.IndexOf("/providers/Microsoft.Authorization/", StringComparison.Ordinal)];
        var holder = each["properties"].Text("principalId").Contains("deployer()", StringComparison.Ordinal) ? "whoever deploys" : "the app";
        return (RoleNames[each["properties"].Text("roleDefinitionId").Split('/')[^1]], scope, holder);
    });

    /// <summary>In the words of the docs; accounts by what their names start with.</summary>
    private static string Place(string scope)
    {
        var parts = scope.Split('/')[8..];
        var account = parts[0].StartsWith("data", StringComparison.Ordinal) ? "data…" : "host…";
        return (scope.Split('/')[7], parts) switch
        {
            ("vaults", _) => "vault",
            ("components", _) => "Application Insights",
            ("accounts", _) => "each Azure OpenAI account",
            (_, [_, "tableServices", ..]) => $"each table of {account}",
            (_, [_, "queueServices", ..]) => $"each queue of {account}",
            (_, [_, "blobServices", .., var container]) => $"container {container} of {account}",
            _ => $"account {account}",
        };
    }
}
