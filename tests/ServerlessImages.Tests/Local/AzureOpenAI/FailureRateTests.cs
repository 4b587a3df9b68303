using ServerlessImages.Local.AzureOpenAI;

namespace ServerlessImages.Tests.Local.AzureOpenAI;

public sealed class FailureRateTests : EmulatorTest
{
    protected override AzureOpenAIEmulatorOptions Options => new() { Deployments = Deployments, FailureRate = 0.5, FailureSeed = 42 };

    [Fact]
    public async Task The_same_seed_fails_the_same_calls()
    {
        await using var twin = await AzureOpenAIEmulator.StartAsync(Options, Cancel);
        using var twinHttp = new HttpClient { BaseAddress = twin.Endpoint, DefaultRequestHeaders = { { "api-key", "any" } } };
        var statuses = new List<int>();
        var twinStatuses = new List<int>();
        for (var call = 0; call < 20; call++)
        {
            using var response = await PostAsync(Generations, ABody(size: "16x16"));
            using var twinResponse = await twinHttp.PostAsync(new Uri(Generations, UriKind.Relative), System.Net.Http.Json.JsonContent.Create(ABody(size: "16x16")), Cancel);
            statuses.Add((int)response.StatusCode);
            twinStatuses.Add((int)twinResponse.StatusCode);
        }

        Assert.Equal(statuses, twinStatuses);
        Assert.InRange(statuses.Count(status => status == 500), 4, 16);
    }
}
