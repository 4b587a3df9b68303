using Azure.Core;
using ServerlessImages.AzureOpenAI;
using ServerlessImages.Images;
using static ServerlessImages.Tests.Adapters.AzureOpenAI.AzureOpenAIDriver;

namespace ServerlessImages.Tests.Adapters.AzureOpenAI;

public class RequestTests
{
    private static ImageRequest Full { get; } = ARequest(quality: ImageQuality.Medium, stream: true, partialImages: 2) with
    {
        Prompt = "кот \"с\" шляпой",
        Size = new(1536, 1024),
        Background = ImageBackground.Transparent,
        Format = ImageFormat.Webp,
        Compression = 80,
        Moderation = ModerationLevel.Low,
    };

    [Fact]
    public async Task The_v1_route_names_the_deployment_in_the_body()
    {
        await using var driver = await StartAsync(Answers.Events(Answers.CompletedEvent()));

        await driver.GenerateAsync(Full, "hash");

        Assert.Equal("/openai/v1/images/generations", driver.Stub.Requests.Single().Target);
        Assert.Equal(
            """{"model":"image two","prompt":"кот \"с\" шляпой","size":"1536x1024","quality":"medium","background":"transparent","output_format":"webp","output_compression":80,"moderation":"low","stream":true,"partial_images":2,"safety_identifier":"hash"}""",
            driver.Stub.Body);
    }

    [Fact]
    public async Task The_deployment_route_names_it_in_the_path_only()
    {
        await using var driver = await StartAsync(Answers.Events(Answers.CompletedEvent()), endpoint => Options(ADeployment(endpoint, AzureOpenAIRoute.Deployment)));

        await driver.GenerateAsync();

        Assert.Equal("/openai/deployments/image%20two/images/generations?api-version=2025-04-01-preview", driver.Stub.Requests.Single().Target);
        Assert.Equal("""{"prompt":"a cat","quality":"low","stream":true}""", driver.Stub.Body);
    }

    [Theory]
    [InlineData(AzureOpenAIRoute.V1, "/front/openai/v1/images/generations?api-version=preview")]
    [InlineData(AzureOpenAIRoute.Deployment, "/front/openai/deployments/image%20two/images/generations?api-version=preview")]
    public async Task A_front_keeps_its_path_and_a_version_its_place(AzureOpenAIRoute route, string target)
    {
        await using var driver = await StartAsync(Answers.Events(Answers.CompletedEvent()), endpoint => Options(ADeployment(new(endpoint, "/front/"), route, "preview")));

        await driver.GenerateAsync();

        Assert.Equal(target, driver.Stub.Requests.Single().Target);
    }

    [Fact]
    public async Task A_prompt_that_is_no_valid_unicode_is_mended_not_thrown_at()
    {
        await using var driver = await StartAsync(Answers.Events(Answers.CompletedEvent()));

        await driver.GenerateAsync(ARequest() with { Prompt = "a \ud800 cat" });

        Assert.Equal("""{"model":"image two","prompt":"a \uFFFD cat","quality":"low","stream":true}""", driver.Stub.Body);
    }

    [Fact]
    public async Task Only_what_was_set_is_sent()
    {
        await using var driver = await StartAsync(Answers.Json(Answers.Plain(Answers.Image, Answers.Image)));

        await driver.GenerateAsync(ARequest(count: 2, quality: ImageQuality.Auto));

        Assert.Equal("""{"model":"image two","prompt":"a cat","n":2}""", driver.Stub.Body);
    }

    [Fact]
    public async Task The_safety_identifier_stays_here_where_the_deployment_says_so()
    {
        await using var driver = await StartAsync(Answers.Events(Answers.CompletedEvent()), endpoint => Options(ADeployment(endpoint, sendSafetyIdentifier: false)));

        await driver.GenerateAsync(safetyIdentifier: "hash");

        Assert.DoesNotContain("safety_identifier", driver.Stub.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_goes_in_its_own_header()
    {
        await using var driver = await StartAsync(Answers.Events(Answers.CompletedEvent()));

        await driver.GenerateAsync();

        var headers = driver.Stub.Requests.Single().Headers;
        Assert.Equal("secret-key", headers["api-key"]);
        Assert.Equal("application/json", headers["Content-Type"]);
        Assert.False(headers.ContainsKey("Authorization"));
    }

    [Fact]
    public async Task Without_a_key_a_token_for_the_audience_goes()
    {
        var credential = new FakeCredential();
        await using var driver = await StartAsync(Answers.Events(Answers.CompletedEvent()), endpoint => Options(ADeployment(endpoint, apiKey: "")), credential);

        await driver.GenerateAsync();

        var headers = driver.Stub.Requests.Single().Headers;
        Assert.Equal("Bearer entra-token", headers["Authorization"]);
        Assert.False(headers.ContainsKey("api-key"));
        Assert.Equal(["https://cognitiveservices.azure.com/.default"], credential.Scopes);
    }

    [Theory]
    [InlineData(false, 0, ImageQuality.Low, null)]
    [InlineData(false, 0, ImageQuality.Medium, null)]
    [InlineData(false, 0, ImageQuality.High, 1)]
    [InlineData(false, 0, ImageQuality.Auto, 1)]
    [InlineData(true, 0, ImageQuality.Low, null)]
    [InlineData(true, 0, ImageQuality.High, 1)]
    [InlineData(true, 3, ImageQuality.Low, 3)]
    [InlineData(true, 2, ImageQuality.High, 2)]
    public async Task A_partial_is_forced_only_when_the_image_may_take_longer_than_40_s(bool stream, int asked, ImageQuality quality, int? sent)
    {
        await using var driver = await StartAsync(Answers.Events(Answers.CompletedEvent()));

        await driver.GenerateAsync(ARequest(quality: quality, stream: stream, partialImages: asked));

        var expected = sent is null ? "\"stream\":true}" : $"\"stream\":true,\"partial_images\":{sent}}}";
        Assert.EndsWith(expected, driver.Stub.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Several_images_are_asked_for_plainly_however_long_they_take()
    {
        await using var driver = await StartAsync(Answers.Json(Answers.Plain(Answers.Image)));

        await driver.GenerateAsync(ARequest(count: 4, quality: ImageQuality.High));

        Assert.Equal("""{"model":"image two","prompt":"a cat","n":4,"quality":"high"}""", driver.Stub.Body);
    }

    private sealed class FakeCredential : TokenCredential
    {
        public List<string> Scopes { get; } = [];

        public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
            ValueTask.FromResult(GetToken(requestContext, cancellationToken));

        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken)
        {
            Scopes.AddRange(requestContext.Scopes);
            return new("entra-token", DateTimeOffset.MaxValue);
        }
    }
}
