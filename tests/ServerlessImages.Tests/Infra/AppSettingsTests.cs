using System.Globalization;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using ServerlessImages.Api;
using ServerlessImages.Api.Functions;
using ServerlessImages.Tests.Docs;
using ServerlessImages.Tests.Receipts;

namespace ServerlessImages.Tests.Infra;

/// <summary>The app settings of the template and the options of the code.</summary>
public sealed class AppSettingsTests
{
    /// <summary>What the Functions host reads itself. Source: learn.microsoft.com, "Connecting to host storage with an identity", and "Azure Queue storage trigger", "Identity-based connections".</summary>
    private static readonly string[] OfTheHost =
    [
        "AzureWebJobsStorage__accountName", "AzureWebJobsStorage__clientId", "AzureWebJobsStorage__credential",
        .. new[] { "clientId", "credential", "queueServiceUri" }.Select(name => $"{QueueFunction.Connection}__{name}"),
    ];

    public static TheoryData<string> ParameterFiles => Deployment.ParameterFiles;

    [Theory, MemberData(nameof(ParameterFiles))]
    public async Task Every_app_setting_is_one_of_the_code_or_of_the_host(string parameterFile)
    {
        var deployment = await Deployment.OfAsync(parameterFile);
        var ofTheCode = File.ReadLines(Path.Combine(DocFile.Root, "docs/settings.md"))
            .Where(line => line.StartsWith("| `", StringComparison.Ordinal))
            .Select(line => line.Split('`')[3])
            .Select(name => new Regex("^" + Regex.Replace(name, @"\{[a-z]+\}", "[0-9]+", RegexOptions.None, TimeSpan.FromSeconds(1)) + "$", RegexOptions.None, TimeSpan.FromSeconds(1)))
            .ToList();

        Assert.NotEmpty(ofTheCode);
        Assert.All(deployment.AppSettings.Keys.Except(OfTheHost), name => Assert.Contains(ofTheCode, each => each.IsMatch(name)));
        Assert.All(OfTheHost, name => Assert.Contains(name, deployment.AppSettings.Keys));
    }

    [Theory, MemberData(nameof(ParameterFiles))]
    public async Task The_app_settings_are_all_that_the_code_requires(string parameterFile)
    {
        var deployment = await Deployment.OfAsync(parameterFile);

        Assert.Empty(Problems(deployment.AppSettings));
    }

    [Theory]
    [InlineData("PublicUrl", "PublicUrl")]
    [InlineData("Operator__Audience", "Operator:TenantId and Operator:Audience")]
    [InlineData("Storage__TablesEndpoint", "Storage:TablesEndpoint")]
    [InlineData("Keys__Peppers__1", "Peppers")]
    [InlineData("Receipts__SigningKeys__1", "Receipts:SigningKeys")]
    [InlineData("AzureOpenAI__Deployments__0__Endpoint", "Endpoint")]
    [InlineData("Stripe__WebhookSecrets__0", "Stripe:WebhookSecrets")]
    [InlineData("Smtp__From", "Smtp:From")]
    [InlineData("Smtp__Password", "Smtp:Password")]
    public async Task A_missing_one_would_be_noticed(string name, string problem)
    {
        var settings = (await Deployment.OfAsync("main.bicepparam")).AppSettings.Where(each => each.Key != name).ToDictionary();

        Assert.Contains(Problems(settings), each => each.Contains(problem, StringComparison.Ordinal));
    }

    [Theory, MemberData(nameof(ParameterFiles))]
    public async Task Secrets_come_from_the_vault_and_those_of_our_own_are_made_by_the_script(string parameterFile)
    {
        var deployment = await Deployment.OfAsync(parameterFile);
        var vault = deployment.OfType("Microsoft.KeyVault/vaults").Single().Text("name");
        string Reference(string secret) => $"@Microsoft.KeyVault(VaultName={vault};SecretName={secret})";

        Assert.Equal(deployment.Outputs["PEPPER_SECRETS"].Split(' ').Select(Reference), deployment.AppSettings.Where(each => each.Key.StartsWith("Keys__Peppers__", StringComparison.Ordinal)).Select(each => each.Value));
        Assert.Equal(deployment.Outputs["SIGNING_KEY_SECRETS"].Split(' ').Select(Reference), deployment.AppSettings.Where(each => each.Key.StartsWith("Receipts__SigningKeys__", StringComparison.Ordinal)).Select(each => each.Value));
        Assert.Equal(Reference("stripe-api-key"), deployment.AppSettings["Stripe__ApiKey"]);
        Assert.Equal(Reference("stripe-webhook-secret"), deployment.AppSettings["Stripe__WebhookSecrets__0"]);
        Assert.Equal(Reference("smtp-password"), deployment.AppSettings["Smtp__Password"]);
    }

    [Theory, MemberData(nameof(ParameterFiles))]
    public async Task The_settings_name_what_is_deployed(string parameterFile)
    {
        var deployment = await Deployment.OfAsync(parameterFile);
        var settings = deployment.AppSettings;
        var containers = deployment.OfType("Microsoft.Storage/storageAccounts/blobServices/containers").Select(each => each.Text("name")).ToList();
        var openAI = deployment.OfType("Microsoft.CognitiveServices/accounts/deployments").Select(each => each.Text("name").Split('/')).Select(name => ($"https://{name[0]}.openai.azure.com", name[1]));
        var count = settings.Keys.Count(each => each.EndsWith("__Endpoint", StringComparison.Ordinal));

        Assert.Equal(deployment.Outputs["PUBLIC_URL"], settings["PublicUrl"]);
        Assert.Contains(containers, name => name.StartsWith("data", StringComparison.Ordinal) && name.EndsWith("/" + settings["Storage__ResultsContainer"], StringComparison.Ordinal));
        Assert.Contains(deployment.OfType("Microsoft.Storage/storageAccounts"), each => each.Text("name") == settings["AzureWebJobsStorage__accountName"]);
        Assert.Equal(openAI, Enumerable.Range(0, count).Select(index => string.Create(CultureInfo.InvariantCulture, $"AzureOpenAI__Deployments__{index}__")).Select(prefix => (settings[prefix + "Endpoint"], settings[prefix + "Deployment"])));
    }

    /// <summary>What the app would say at its start.</summary>
    private static IEnumerable<string> Problems(IReadOnlyDictionary<string, string> settings)
    {
        try
        {
            using var app = ServerlessImagesApp.Build([], builder =>
            {
                builder.Configuration.Sources.Clear();
                builder.Configuration.AddInMemoryCollection(settings.Select(each => new KeyValuePair<string, string?>(each.Key.Replace("__", ":", StringComparison.Ordinal), AsInAzure(each.Key, each.Value))));
            });
            app.Services.GetRequiredService<IStartupValidator>().Validate();
            return [];
        }
        catch (OptionsValidationException refused)
        {
            return refused.Failures;
        }
        catch (AggregateException refused)
        {
            return refused.InnerExceptions.Cast<OptionsValidationException>().SelectMany(each => each.Failures);
        }
    }

    /// <summary>What Azure puts in the place of what only Azure knows.</summary>
    private static string AsInAzure(string name, string value)
    {
        if (name.StartsWith("Keys__", StringComparison.Ordinal)) return Convert.ToBase64String(RandomNumberGenerator.GetBytes(48));
        if (name.StartsWith("Receipts__", StringComparison.Ordinal)) return Convert.ToBase64String(SampleKeys.New().ExportPkcs8PrivateKey());
        if (name == "Stripe__ApiKey") return "rk_live_0";
        if (name.StartsWith("Stripe__", StringComparison.Ordinal)) return "whsec_0";
        if (!value.StartsWith('[')) return value;
        return name switch
        {
            "Storage__TablesEndpoint" => "https://data.table.core.windows.net/",
            "Storage__BlobsEndpoint" => "https://data.blob.core.windows.net/",
            "Storage__QueuesEndpoint" or "Queues__queueServiceUri" => "https://data.queue.core.windows.net/",
            "APPLICATIONINSIGHTS_CONNECTION_STRING" => $"InstrumentationKey={Guid.Empty}",
            "APPLICATIONINSIGHTS_AUTHENTICATION_STRING" => $"ClientId={Guid.Empty};Authorization=AAD",
            _ when name.EndsWith("ClientId", StringComparison.OrdinalIgnoreCase) => Guid.Empty.ToString(),
            _ => throw new InvalidOperationException($"{name} has a value that only Azure knows: {value}."),
        };
    }
}
