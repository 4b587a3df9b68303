using ServerlessImages.AzureOpenAI;
using ServerlessImages.Images;
using ServerlessImages.Pricing;
using Xunit;
using static ServerlessImages.Tests.Adapters.AzureOpenAI.AzureOpenAIDriver;

namespace ServerlessImages.Tests.Adapters.AzureOpenAI;

public class AnswerTests
{
    [Fact]
    public async Task A_stream_is_collapsed_for_a_plain_caller()
    {
        await using var driver = await StartAsync(Answers.Events(Answers.PartialEvent(0), Answers.CompletedEvent(), "data: [DONE]\n\n"));

        var images = (await driver.GenerateAsync(ARequest(quality: ImageQuality.High))).Images();

        Assert.Equal([[1, 2, 3]], images.Bytes());
        Assert.Equal(new TokenUsage(10, 40, 196), images.Usage);
        Assert.Equal((ImageQuality.Medium, ImageBackground.Opaque, 1, "west"), (images.Quality, images.Background, images.PartialImages, images.Deployment));
        Assert.Empty(driver.Partials);
    }

    [Fact(Timeout = 60_000)]
    public async Task Partial_images_arrive_before_the_answer_is_complete()
    {
        var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var driver = await StartAsync(async context =>
        {
            await context.SendEventAsync(": keep-alive\n\n" + Answers.PartialEvent(0));
            await seen.Task.WaitAsync(context.RequestAborted);
            await context.SendEventAsync(Answers.CompletedEvent());
        });

        var generated = await driver.GenerateAsync(ARequest(stream: true, partialImages: 1), partial =>
        {
            Assert.Equal([9, 9], partial.Bytes.ToArray());
            seen.SetResult();
            return ValueTask.CompletedTask;
        }, TestContext.Current.CancellationToken);

        Assert.Equal(1, generated.Images().PartialImages);
    }

    [Fact(Timeout = 60_000)]
    public async Task The_answer_is_complete_with_its_event_whether_or_not_the_stream_ends()
    {
        await using var driver = await StartAsync(async context =>
        {
            await context.SendEventAsync(Answers.CompletedEvent());
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        });

        Assert.Equal([[1, 2, 3]], (await driver.GenerateAsync()).Images().Bytes());
        await driver.Stub.Aborted.WaitAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Only_the_partial_images_that_were_asked_for_are_passed_on_and_all_are_counted()
    {
        await using var driver = await StartAsync(Answers.Events(Answers.PartialEvent(0, "AQ=="), Answers.PartialEvent(1, "not base64"), Answers.PartialEvent(2, "Aw=="), Answers.CompletedEvent()));

        var generated = await driver.GenerateAsync(ARequest(stream: true, partialImages: 2));

        Assert.Equal(3, generated.Images().PartialImages);
        var partial = Assert.Single(driver.Partials);
        Assert.Equal((0, (byte)1), (partial.Index, partial.Bytes.Span[0]));
    }

    [Fact]
    public async Task A_forced_partial_image_is_not_for_a_streaming_caller_who_asked_for_none()
    {
        await using var driver = await StartAsync(Answers.Events(Answers.PartialEvent(0), Answers.CompletedEvent()));

        var generated = await driver.GenerateAsync(ARequest(quality: ImageQuality.High, stream: true));

        Assert.Equal(1, generated.Images().PartialImages);
        Assert.Empty(driver.Partials);
    }

    [Fact]
    public async Task Several_images_come_in_order()
    {
        await using var driver = await StartAsync(Answers.Json(Answers.Plain("AQ==", "Ag==", "Aw==")));

        var generated = await driver.GenerateAsync(ARequest(count: 3));

        Assert.Equal([[1], [2], [3]], generated.Images().Bytes());
    }

    [Fact]
    public async Task A_gateway_may_answer_a_stream_request_with_plain_json()
    {
        await using var driver = await StartAsync(Answers.Json("  " + Answers.Plain(Answers.Image)));

        var images = (await driver.GenerateAsync()).Images();

        Assert.Equal([[1, 2, 3]], images.Bytes());
        Assert.Equal(0, images.PartialImages);
    }

    [Fact]
    public async Task An_event_is_known_by_its_name_if_its_data_does_not_say()
    {
        await using var driver = await StartAsync(Answers.Events("event: image_generation.completed\ndata: {\"b64_json\":\"AQID\"}\n\n"));

        Assert.Equal([[1, 2, 3]], (await driver.GenerateAsync()).Images().Bytes());
    }

    [Fact]
    public async Task Unknown_events_and_fields_are_passed_over()
    {
        await using var driver = await StartAsync(Answers.Events(
            "event: image_generation.in_progress\ndata: {\"type\":\"image_generation.in_progress\",\"more\":[{\"data\":1}]}\n\n",
            "data: {\"error\":null,\"type\":\"image_generation.completed\",\"quality\":\"sketchy\",\"new\":{\"b64_json\":\"x\"},\"b64_json\":\"AQ\\u0049D\"}\n\n"));

        var images = (await driver.GenerateAsync()).Images();

        Assert.Equal([[1, 2, 3]], images.Bytes());
        Assert.Null(images.Quality);
    }

    [Theory]
    [InlineData("""{"data":[{"b64_json":"AQID"},{"b64_json":"%%%"},{"b64_json":null},{"url":"https://x"},null,[1]]}""")]
    public async Task What_is_not_base64_counts_but_is_empty(string body)
    {
        await using var driver = await StartAsync(Answers.Json(body));

        var generated = await driver.GenerateAsync(ARequest(count: 6));

        Assert.Equal([[1, 2, 3], [], [], [], [], []], generated.Images().Bytes());
    }

    [Fact]
    public async Task A_large_image_comes_whole()
    {
        var bytes = new byte[3_000_001];
        new Random(1).NextBytes(bytes);
        await using var driver = await StartAsync(Answers.Events(Answers.CompletedEvent(Convert.ToBase64String(bytes))));

        var image = Assert.Single((await driver.GenerateAsync()).Images().Images);
        Assert.True(image.Span.SequenceEqual(bytes));
    }

    public static TheoryData<string, TokenUsage?> Usages { get; } = new()
    {
        { Answers.Usage, new(10, 40, 196) },
        { """{"input_tokens":7,"output_tokens":5}""", new(7, 0, 5) },
        { """{"input_tokens":7,"input_tokens_details":null,"output_tokens":5}""", new(7, 0, 5) },
        { """{"input_tokens":7,"input_tokens_details":{"text_tokens":7},"output_tokens":5}""", new(7, 0, 5) },
        { """{"input_tokens":0,"output_tokens":100000000}""", new(0, 0, 100_000_000) },
        { """{"input_tokens":7}""", null },
        { """{"output_tokens":7}""", null },
        { """{"input_tokens":-1,"output_tokens":5}""", null },
        { """{"input_tokens":1,"output_tokens":100000001}""", null },
        { """{"input_tokens":1,"output_tokens":1e40}""", null },
        { """{"input_tokens":1,"output_tokens":"5"}""", null },
        { """{"input_tokens":7,"input_tokens_details":{"image_tokens":8},"output_tokens":5}""", null },
        { """{"input_tokens":7,"input_tokens_details":{"image_tokens":-1},"output_tokens":5}""", null },
        { "null", null },
        { "[1]", null },
    };

    [Theory]
    [MemberData(nameof(Usages))]
    public async Task Usage_is_what_can_be_believed_of_it(string usage, TokenUsage? expected)
    {
        await using var driver = await StartAsync(Answers.Events(Answers.CompletedEvent(usage: usage)));

        Assert.Equal(expected, (await driver.GenerateAsync()).Images().Usage);
    }

    [Fact]
    public async Task Fewer_images_than_asked_for_are_an_answer()
    {
        await using var driver = await StartAsync(Answers.Json(Answers.Plain(Answers.Image)), endpoint => Options(ADeployment(endpoint, AzureOpenAIRoute.Deployment)));

        Assert.Single((await driver.GenerateAsync(ARequest(count: 3))).Images().Images);
    }
}
