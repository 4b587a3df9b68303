using ServerlessImages.Images;
using ServerlessImages.Pricing;

namespace ServerlessImages.Tests.Images;

/// <summary>Several images, however they are drawn, cost what one plain call would have cost; what was sent twice is ours.</summary>
public sealed class FanOutTests
{
    [Theory]
    [InlineData("gpt-image-2", 1, "2048x2048", ImageQuality.High, false)]
    [InlineData("gpt-image-2", 4, "1024x1024", ImageQuality.Low, false)]
    [InlineData("gpt-image-2", 10, "1536x1024", ImageQuality.Medium, false)]
    [InlineData("gpt-image-2", 2, "1552x1024", ImageQuality.Low, true)]
    [InlineData("gpt-image-2", 2, "1024x1024", ImageQuality.High, true)]
    [InlineData("gpt-image-2", 2, null, ImageQuality.Auto, true)]
    [InlineData("gpt-image-2.5-flare", 2, null, ImageQuality.Auto, false)]
    [InlineData("gpt-image-2.5-sunburst", 2, "1024x1024", ImageQuality.High, false)]
    [InlineData("gpt-image-2.5-sunburst", 2, "1024x1024", ImageQuality.Xhigh, true)]
    public void It_is_needed_where_a_plain_call_could_meet_the_wall(string model, int count, string? size, ImageQuality quality, bool isNeeded) =>
        Assert.Equal(isNeeded, FanOut.IsNeeded(Sample.Request(model: model, count: count, size: size, quality: quality)));

    [Theory]
    [InlineData(1, 130)]
    [InlineData(4, 130)]
    [InlineData(5, 260)]
    [InlineData(10, 390)]
    public void Four_calls_run_at_once_so_that_more_images_take_longer(int count, int seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), FanOut.ExpectedTime(Request(count), Request(count).ExpectedTime));

    [Fact]
    public async Task Each_call_asks_for_one_image_and_never_more_than_four_run_at_once()
    {
        var model = new ScriptedModel(_ => Image(new(8, 0, 7_024))) { Slow = true };

        var generated = (await DrawAsync(model, Request(10))).Value();

        Assert.Equal((10, 10), (generated.Images.Count, model.Calls.Count));
        Assert.All(model.Calls, call => Assert.Equal(1, call.Request.Count));
        Assert.Equal(4, model.AtOnce);
    }

    /// <summary>The same prompt would be refused again, and each refusal counts against the resource; of a picture the next one may be another.</summary>
    [Theory]
    [InlineData("input", 4)]
    [InlineData("unknown", 4)]
    [InlineData("output", 10)]
    public async Task A_refused_prompt_is_not_sent_again(string stage, int calls)
    {
        var model = new ScriptedModel(_ => ApiError.ModerationBlocked(new(stage, []))) { Slow = true };

        Assert.Equal("moderation_blocked", (await DrawAsync(model, Request(10))).Error().Code);

        Assert.Equal(calls, model.Calls.Count);
    }

    [Fact]
    public async Task A_request_that_needs_none_goes_upstream_as_it_is()
    {
        var model = new ScriptedModel(_ => Image(new(8, 0, 784)));
        var request = Sample.Request(count: 4);

        await DrawAsync(model, request);

        Assert.Same(request, Assert.Single(model.Calls).Request);
    }

    [Fact]
    public async Task All_images_cost_their_input_once_and_we_pay_it_each_time()
    {
        var (delivered, charge) = await ChargeAsync(Request(4), _ => Image(new(8, 0, 7_024)));

        // At 25 % on 5 and 30 dollars: 8 · 6.25 = 50; 4 · 7,024 · 37.5 = 1,053,600. We pay 4 · 8 · 5 and 4 · 7,024 · 30.
        Assert.Equal(new TokenUsage(8, 0, 28_096), delivered.Delivery.Usage);
        Assert.Equal(new Charge(new(50 + 1_053_600), new(160 + 842_880)), charge);
    }

    [Fact]
    public async Task The_images_come_in_the_order_of_their_calls()
    {
        var images = Enumerable.Range(1, 4).Select(content => Png(content)).ToArray();

        var generated = (await DrawAsync(new ScriptedModel(index => Image(new(8, 0, 1), bytes: images[index])) { Slow = true }, Request(4))).Value();

        Assert.Equal(images, generated.Images.Select(image => image.ToArray()));
    }

    [Fact]
    public async Task Partial_images_that_were_forced_upon_each_call_are_ours()
    {
        var (_, charge) = await ChargeAsync(Request(3), _ => Image(new(8, 0, 7_124), partialImages: 1));

        Assert.Equal(new Charge(new(50 + 790_200), new(120 + 641_160)), charge);
    }

    [Theory]
    [InlineData("failed")]
    [InlineData("moderated")]
    public async Task What_came_beside_a_failure_is_delivered_and_charged_and_nothing_else(string failure)
    {
        var error = failure == "failed" ? ApiError.UpstreamFailed("test") : ApiError.ModerationBlocked(new("output", []));

        var (delivered, charge) = await ChargeAsync(Request(4), index => index == 1 ? error : Image(new(8, 0, 7_024)));

        Assert.Equal(3, delivered.Images.Count);
        Assert.Equal(new Charge(new(50 + 790_200), new(120 + 632_160)), charge);
    }

    [Fact]
    public async Task An_image_that_is_none_is_not_charged_and_cost_us_its_share()
    {
        var (delivered, charge) = await ChargeAsync(Request(4), index => Image(new(8, 0, 7_024), bytes: index == 0 ? [1, 2, 3] : Png()));

        // Three quarters of 28,096 tokens, in one rounding.
        Assert.Equal(3, delivered.Images.Count);
        Assert.Equal(new Charge(new(50 + 790_200), new(160 + 842_880)), charge);
    }

    [Fact]
    public async Task Where_inputs_were_counted_differently_the_caller_pays_the_lowest_count()
    {
        var (_, charge) = await ChargeAsync(Request(2), index => Image(new(8 + (100 * index), 0, 7_024)));

        Assert.Equal(new Charge(new(50 + 526_800), new((116 * 5) + 421_440)), charge);
    }

    [Fact]
    public async Task Where_one_call_did_not_count_the_formula_is_charged()
    {
        var (_, charge) = await ChargeAsync(Request(2), index => Image(index == 0 ? null : new(8, 0, 9_999)));

        // ⌈2 · 7,023.9⌉ = 14,048 tokens, and no input; the input that was counted is ours.
        Assert.Equal(new Charge(new(526_800), new(40 + 421_440)), charge);
    }

    [Fact]
    public async Task Whatever_is_counted_the_charge_is_at_most_the_quote()
    {
        var request = Request(4);

        var (_, charge) = await ChargeAsync(request, _ => Image(new(1_000_000, 0, 1_000_000)));

        Assert.Equal(Rate(request).Quote(request).Value().Amount, charge.Amount);
    }

    [Fact]
    public async Task If_none_came_the_first_error_is_the_answer()
    {
        var answer = await DrawAsync(new ScriptedModel(index => index == 0 ? ApiError.UpstreamTimedOut("first") : ApiError.UpstreamFailed("later")), Request(3));

        Assert.Equal("first", answer.Error().Cause);
    }

    [Fact]
    public async Task After_the_deadline_no_call_is_begun_and_what_came_before_is_kept()
    {
        using var deadline = new CancellationTokenSource();
        var model = new ScriptedModel(index =>
        {
            if (index == 3) deadline.Cancel();
            return Image(new(8, 0, 7_024));
        });

        var generated = (await new FanOut(model).GenerateAsync(new("req_1", Request(10), null, Sample.Share), _ => ValueTask.CompletedTask, deadline.Token)).Value();

        Assert.Equal((4, 4), (generated.Images.Count, model.Calls.Count));
    }

    private static ImageRequest Request(int count) => Sample.Request(count: count, quality: ImageQuality.High);

    private static byte[] Png(int content = 0) =>
        SampleImages.APng(SampleImages.Ihdr(1024, 1024), SampleImages.PngChunk("IDAT", (byte)content), SampleImages.PngChunk("IEND"));

    private static GeneratedImages Image(TokenUsage? usage, int partialImages = 0, byte[]? bytes = null) =>
        new() { Images = [bytes ?? Png()], Usage = usage, Quality = ImageQuality.High, PartialImages = partialImages, Deployment = "west" };

    private static Task<Result<GeneratedImages>> DrawAsync(IImageModel model, ImageRequest request) =>
        new FanOut(model).GenerateAsync(new("req_1", request, null, Sample.Share), _ => ValueTask.CompletedTask, TestContext.Current.CancellationToken);

    private static async Task<(DeliveredImages Delivered, Charge Charge)> ChargeAsync(ImageRequest request, Func<int, Result<GeneratedImages>> answer)
    {
        var delivered = DeliveredImages.Of(request, (await DrawAsync(new ScriptedModel(answer), request)).Value());
        return (delivered, Rate(request).Charge(request, Rate(request).Quote(request).Value(), delivered.Delivery));
    }

    private static Rate Rate(ImageRequest request) => Sample.Prices.PriceOf(request.Model, Sample.Now).Value().For(new(2_500));

    /// <summary>Answers each call by its number; slow, it answers the later ones first.</summary>
    private sealed class ScriptedModel(Func<int, Result<GeneratedImages>> answer) : IImageModel
    {
        private int running;

        public bool Slow { get; init; }

        public List<ImageCall> Calls { get; } = [];

        public int AtOnce { get; private set; }

        public async Task<Result<GeneratedImages>> GenerateAsync(ImageCall call, Func<PartialImage, ValueTask> onPartial, CancellationToken deadline)
        {
            int index;
            lock (Calls)
            {
                index = Calls.Count;
                Calls.Add(call);
                AtOnce = Math.Max(AtOnce, ++running);
            }

            if (Slow) await Task.Delay(50 - (10 * (index % 4)), deadline);
            lock (Calls) running--;
            return answer(index);
        }
    }
}
