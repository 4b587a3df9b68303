using ServerlessImages.AzureOpenAI;
using ServerlessImages.Deployments;
using static ServerlessImages.Tests.Adapters.AzureOpenAI.AzureOpenAIDriver;

namespace ServerlessImages.Tests.Adapters.AzureOpenAI;

public class ErrorTests
{
    public static TheoryData<string, string, string[]> Refusals { get; } = new()
    {
        { Answers.Error("moderation_blocked", more: ""","moderation_details":{"moderation_stage":"output","categories":["sexual","violence","Call +1 555!"]}"""), "output", ["sexual", "violence"] },
        { Answers.Error("moderation_blocked", more: ""","moderation_details":{"moderation_stage":"elsewhere"}"""), "unknown", [] },
        { Answers.Error("moderation_blocked", message: "Rejected. Include the request ID abc. safety_violations=[violence, self-harm]."), "unknown", ["violence", "self-harm"] },
        { Answers.Error("content_policy_violation", more: ""","inner_error":{"code":"ResponsibleAIPolicyViolation","content_filter_results":{"hate":{"filtered":false},"sexual":{"filtered":true,"severity":"high"},"jailbreak":{"filtered":true,"detected":true}}}"""), "unknown", ["sexual", "jailbreak"] },
        { Answers.Error("other", more: ""","innererror":{"code":"ResponsibleAIPolicyViolation"}"""), "unknown", [] },
        { """{"created":1,"error":{"code":"contentFilter","message":"Your task failed as a result of our safety system."}}""", "unknown", [] },
        { """{"code":"content_filter","message":"no"}""", "unknown", [] },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task The_content_filters_refusal_names_stage_and_categories(string body, string stage, string[] categories)
    {
        foreach (var answer in new[] { Answers.Json(body, status: 400), Answers.Json(body), Answers.Events($"event: error\ndata: {body}\n\n") })
        {
            await using var driver = await StartAsync(answer);

            var error = (await driver.GenerateAsync()).Error();

            Assert.Equal("moderation_blocked", error.Code);
            Assert.Equal(new ModerationDetails(stage, categories), error.Moderation);
        }
    }

    [Theory]
    [InlineData(400, "upstream_rejected", AttemptEnd.Answered)]
    [InlineData(404, "upstream_rejected", AttemptEnd.Failed)]
    [InlineData(422, "upstream_rejected", AttemptEnd.Answered)]
    [InlineData(431, "upstream_rejected", AttemptEnd.Answered)]
    [InlineData(401, "no_deployment_available", AttemptEnd.Failed)]
    [InlineData(403, "no_deployment_available", AttemptEnd.Blocked)]
    [InlineData(429, "no_deployment_available", AttemptEnd.Throttled)]
    [InlineData(408, "upstream_timed_out", AttemptEnd.Lost)]
    [InlineData(504, "upstream_timed_out", AttemptEnd.Lost)]
    [InlineData(500, "upstream_failed", AttemptEnd.Failed)]
    [InlineData(502, "upstream_failed", AttemptEnd.Failed)]
    [InlineData(503, "upstream_failed", AttemptEnd.Failed)]
    [InlineData(302, "upstream_failed", AttemptEnd.Failed)]
    public async Task A_status_becomes_our_own_error_after_one_request(int status, string code, AttemptEnd end)
    {
        await using var driver = await StartAsync(Answers.Json(Answers.Error("the_code"), status, ("Location", "/elsewhere"), ("x-request-id", "id-1"), ("apim-request-id", "id-2")));

        var error = (await driver.GenerateAsync()).Error();

        Assert.Equal((code, end), (error.Code, driver.Attempt!.End));
        Assert.Equal($"west: {status} the_code (x-request-id id-1, apim-request-id id-2)", error.Cause);
        Assert.Single(driver.Stub.Requests);
    }

    [Theory]
    [InlineData(500)]
    [InlineData(429)]
    [InlineData(403)]
    public async Task A_refusal_in_words_counts_only_with_status_400(int status)
    {
        await using var driver = await StartAsync(Answers.Json(Answers.Error("content_filter"), status));

        Assert.NotEqual("moderation_blocked", (await driver.GenerateAsync()).Error().Code);
    }

    [Fact]
    public async Task What_the_caller_reads_has_nothing_of_the_upstream()
    {
        await using var driver = await StartAsync(Answers.Json(Answers.Error("moderation_blocked", message: "Contact Azure, id abc-123, host west.openai.azure.com"), 400, ("x-request-id", "id-1")));

        var error = (await driver.GenerateAsync()).Error();

        Assert.Equal("Your request was rejected by the safety system. It was not charged.", error.Message);
        Assert.DoesNotContain("abc-123", error.Cause, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("retry-after-ms", "2500", 2.5)]
    [InlineData("retry-after", "7", 7)]
    [InlineData("retry-after", "0", 1)]
    [InlineData("retry-after", "-5", 1)]
    [InlineData("retry-after", "99999", 600)]
    [InlineData("retry-after-ms", "1e300", 600)]
    [InlineData("retry-after", "Mon, 23 Nov 2026 12:00:30 GMT", 30)]
    [InlineData("retry-after", "Mon, 23 Nov 2026 11:00:00 GMT", 1)]
    [InlineData("retry-after", "soon", 10)]
    [InlineData("x-other", "7", 10)]
    public async Task A_pace_limit_says_when_to_come_again(string header, string value, double seconds)
    {
        await using var driver = await StartAsync(Answers.Json(Answers.Error("rate_limit_exceeded"), 429, (header, value)));

        Assert.Equal(TimeSpan.FromSeconds(seconds), (await driver.GenerateAsync()).Error().RetryAfter);
    }

    [Theory]
    [InlineData("rate_limit_exceeded", "requests", "no_deployment_available")]
    [InlineData("Timeout", "", "upstream_timed_out")]
    [InlineData("unknown_parameter", "invalid_request_error", "upstream_rejected")]
    [InlineData("", "server_error", "upstream_failed")]
    public async Task An_error_within_a_good_answer_is_an_error(string upstreamCode, string type, string code)
    {
        var body = Answers.Error(upstreamCode, type);
        foreach (var answer in new[] { Answers.Json(body), Answers.Events($"event: error\ndata: {body}\n\n"), Answers.Events(Answers.PartialEvent(0), $"data: {body}\n\n") })
        {
            await using var driver = await StartAsync(answer);

            Assert.Equal(code, (await driver.GenerateAsync()).Error().Code);
        }
    }

    [Theory]
    [InlineData("event: error\ndata: {\"type\":\"error\"}\n\n")]
    [InlineData("event: error\ndata: {}\n\n")]
    [InlineData("data: {\"error\":\"in words\"}\n\n")]
    [InlineData("data: {\"type\":\"image_generation.completed\",\"b64_json\":\n\n")]
    [InlineData("data: [1]\n\n")]
    [InlineData("data: {\"type\":\"\\ud800\"}\n\n")]
    [InlineData("data: {} {}\n\n")]
    [InlineData("data: [DONE]\n\n")]
    [InlineData("data: {\"type\":\"image_generation.completed\",\"b64_json\":\"AQID\"}\n")]
    [InlineData("")]
    public async Task A_stream_without_a_whole_answer_has_failed(string stream)
    {
        await using var driver = await StartAsync(Answers.Events(stream));

        Assert.Equal("upstream_failed", (await driver.GenerateAsync()).Error().Code);
    }

    [Theory]
    [InlineData("")]
    [InlineData("<html>")]
    [InlineData("""{"data":[{"b64_json":"AQID"}""")]
    public async Task Broken_json_has_failed(string body)
    {
        await using var driver = await StartAsync(Answers.Json(body));

        Assert.Equal("upstream_failed", (await driver.GenerateAsync(ARequest(count: 2))).Error().Code);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"created":1,"data":[]}""")]
    [InlineData("""{"data":null}""")]
    public async Task No_data_is_no_usable_image(string body)
    {
        await using var plain = await StartAsync(Answers.Json(body));
        await using var stream = await StartAsync(Answers.Events("event: image_generation.completed\ndata: " + body + "\n\n"));

        Assert.Equal("no_usable_image", (await plain.GenerateAsync(ARequest(count: 2))).Error().Code);
        Assert.Equal("no_usable_image", (await stream.GenerateAsync()).Error().Code);
    }

    [Fact]
    public async Task An_answer_beyond_the_bound_is_not_read()
    {
        var large = new string('A', 4096);
        foreach (var answer in new[] { Answers.Json(Answers.Plain(large)), Answers.Events(Answers.CompletedEvent(large)), Answers.Events([.. Enumerable.Repeat(": still here\n\n", 400)]) })
        {
            await using var driver = await StartAsync(answer, endpoint => new AzureOpenAIOptions { Deployments = [ADeployment(endpoint)], AnswerBytesMax = 2048 });

            var error = (await driver.GenerateAsync()).Error();

            Assert.Equal("upstream_failed", error.Code);
            Assert.Contains("longer than 2048 bytes", error.Cause, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_long_error_is_known_by_its_status()
    {
        await using var driver = await StartAsync(Answers.Json(Answers.Error("x", message: new string('m', 100_000)), 429));

        Assert.Equal("no_deployment_available", (await driver.GenerateAsync()).Error().Code);
    }
}
