using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using ServerlessImages.AzureOpenAI;
using ServerlessImages.Deployments;

namespace ServerlessImages.Tests.Adapters.AzureOpenAI;

public class OptionsTests
{
    private static readonly (string Key, string Value)[] Valid =
    [
        ("Deployments:0:Name", "west"), ("Deployments:0:Model", "gpt-image-2"), ("Deployments:0:Endpoint", "https://west.openai.azure.com"), ("Deployments:0:Deployment", "image"),
    ];

    [Fact]
    public void A_deployment_needs_four_settings()
    {
        using var services = Configured(Valid);

        var options = services.GetRequiredService<IOptions<AzureOpenAIOptions>>().Value;

        var deployment = Assert.Single(options.Deployments);
        Assert.Equal((AzureOpenAIRoute.V1, null, "https://cognitiveservices.azure.com/.default", 0, true), (deployment.Route, deployment.ApiKey, deployment.Audience, deployment.Priority, deployment.SendSafetyIdentifier));
        Assert.Equal((TimeSpan.FromSeconds(40), 64 * 1024 * 1024), (options.ForcePartialAfter, options.AnswerBytesMax));
        Assert.IsType<AzureOpenAIDeployments>(services.GetRequiredService<IImageDeployments>());
    }

    [Fact]
    public void Http_is_allowed_on_loopback()
    {
        using var services = Configured([.. Valid, ("Deployments:0:Endpoint", "http://127.0.0.1:9000/front")]);

        Assert.Single(services.GetRequiredService<IOptions<AzureOpenAIOptions>>().Value.Deployments);
    }

    [Theory]
    [InlineData("Deployments:0:Name", "")]
    [InlineData("Deployments:0:Name", "two words")]
    [InlineData("Deployments:0:Model", "")]
    [InlineData("Deployments:0:Deployment", "")]
    [InlineData("Deployments:0:Endpoint", "west.openai.azure.com")]
    [InlineData("Deployments:0:Endpoint", "http://west.openai.azure.com")]
    [InlineData("Deployments:0:Endpoint", "https://west.openai.azure.com/?key=1")]
    [InlineData("Deployments:0:Endpoint", "https://west.openai.azure.com/openai/v1")]
    [InlineData("Deployments:0:Endpoint", "https://user@west.openai.azure.com")]
    [InlineData("Deployments:0:Audience", "everyone")]
    [InlineData("Deployments:0:Route", "7")]
    [InlineData("Deployments:0:ApiVersion", "v1&x=y")]
    [InlineData("Deployments:1:Name", "West", "Deployments:1:Model", "m", "Deployments:1:Endpoint", "https://x", "Deployments:1:Deployment", "d")]
    [InlineData("Deployments:0:ApiKey", "k", "Deployments:0:ManagedIdentityClientId", "id")]
    [InlineData("ForcePartialAfter", "00:02:00")]
    [InlineData("AnswerBytesMax", "1")]
    public void A_wrong_setting_fails_the_start(params string[] settings)
    {
        using var services = Configured([.. Valid, .. settings.Chunk(2).Select(pair => (pair[0], pair[1]))]);

        Assert.Throws<OptionsValidationException>(() => services.GetRequiredService<IStartupValidator>().Validate());
    }

    [Fact]
    public void No_deployment_fails_the_start()
    {
        using var services = Configured([]);

        Assert.Throws<OptionsValidationException>(() => services.GetRequiredService<IStartupValidator>().Validate());
    }

    /// <summary>Later settings replace earlier ones.</summary>
    private static ServiceProvider Configured((string Key, string Value)[] settings)
    {
        var values = settings.GroupBy(setting => setting.Key).ToDictionary(group => "AzureOpenAI:" + group.Key, group => (string?)group.Last().Value);
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(values).Build());
        return services.AddLogging().AddAzureOpenAI().BuildServiceProvider(validateScopes: true);
    }
}
