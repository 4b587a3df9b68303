using System.Net;
using System.Text.Json;
using ServerlessImages.Images;

namespace ServerlessImages.Tests.Api;

/// <summary>
/// With Azure's walls in place and pictures that take what they take, a thousandth of both: every quality and size comes, plain, streamed and as a job. A stream without an event in its first minute is cut, a
/// plain call after two; pictures of high quality take longer than either.
/// </summary>
public sealed class WallTests : IAsyncLifetime
{
    private Product product = null!;
    private Customer customer = null!;

    public static TheoryData<string> Models => [.. ModelCatalog.Parse(ModelCatalog.ShippedJson).Models.Select(model => model.Id)];

    public async ValueTask InitializeAsync()
    {
        product = await Product.StartAsync(options => options with { Emulator = emulator => emulator with { TimeScale = 0.001 } });
        customer = await product.CustomerAsync(micros: 1_000_000_000);
    }

    public ValueTask DisposeAsync() => product.DisposeAsync();

    [Theory]
    [MemberData(nameof(Models))]
    public async Task Every_quality_and_size_comes_plain_streamed_and_as_a_job(string id)
    {
        var model = Sample.Model(id);
        // Painting is what takes this test's time: the largest sizes are asked of one model.
        ImageSize[] sizes = id == "gpt-image-2" ? [.. ModelSpec.StandardSizes, new(2048, 2048), new(3840, 2160)] : [new(1024, 1024)];
        var orders =
            from quality in model.Qualities
            from size in sizes
            from form in (string[])["plain", "stream", "job"]
            select (quality, size, form);

        await Parallel.ForEachAsync(orders, new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = TestContext.Current.CancellationToken }, async (order, _) =>
        {
            var body = new { model = id, prompt = "a red fox", size = order.size.ToString(), quality = order.quality.ToWire(), output_format = "jpeg", output_compression = 20, stream = order.form == "stream" };
            using var response = order.form == "job" ? await customer.GenerateLaterAsync(body) : await customer.GenerateAsync(body);
            var text = await response.Content.ReadAsStringAsync(CancellationToken.None);
            if (order.form == "job") await AssertDrawnAsync(await response.JsonAsync(), $"{order}");
            else Assert.True(response.StatusCode == HttpStatusCode.OK && text.Contains("b64_json", StringComparison.Ordinal) && !text.Contains("\"error\"", StringComparison.Ordinal), $"{order}: {text[..Math.Min(text.Length, 300)]}");
        });
    }

    [Fact]
    public async Task Several_slow_images_come_too()
    {
        using var response = await customer.GenerateAsync(new { model = "gpt-image-2", prompt = "a red fox", n = 3, size = "1024x1024", quality = "high", output_format = "jpeg" });

        Assert.Equal(3, (await response.JsonAsync()).GetProperty("data").GetArrayLength());
    }

    private async Task AssertDrawnAsync(JsonElement accepted, string order)
    {
        var job = await customer.FinishedRequestAsync(accepted.Text("id"));
        Assert.True(job.Text("status") == "succeeded", $"{order}: {job}");
        using var image = await customer.Http.GetAsync(new Uri(job.GetProperty("images")[0].Text("content_url")), TestContext.Current.CancellationToken);
        Assert.Equal("image/jpeg", image.Content.Headers.ContentType!.MediaType);
    }
}
