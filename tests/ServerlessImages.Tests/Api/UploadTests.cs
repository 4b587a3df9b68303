using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using ServerlessImages.Images;
using ServerlessImages.Tests.Images;

namespace ServerlessImages.Tests.Api;

/// <summary>Where the bytes of an edit are, for how long, and how many there may be.</summary>
public sealed class UploadTests : EditTest
{
    private readonly PatientModel model = new();

    private protected override void Replace(IServiceCollection services) => services.AddSingleton<IImageModel>(model);

    [Theory]
    [InlineData(33, false, false)]
    [InlineData(33, true, false)]
    [InlineData(60, false, false)]
    [InlineData(60, true, false)]
    [InlineData(33, false, true)]
    [InlineData(33, true, true)]
    public async Task A_body_beyond_the_bound_is_413_however_it_is_sent(int mebibytes, bool chunked, bool json)
    {
        var bytes = new byte[mebibytes * 1024 * 1024];
        Array.Fill(bytes, (byte)'A');
        using var form = AForm(Fields(("image", bytes)));
        using var text = new ByteArrayContent(bytes);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/images/edits") { Content = json ? text : form, Headers = { TransferEncodingChunked = chunked } };
        using var response = await Customer.Http.SendAsync(request, Cancel);

        var error = await response.AssertErrorAsync(HttpStatusCode.RequestEntityTooLarge, "body_too_large");
        Assert.Contains("33554432", error.Text("message"), StringComparison.Ordinal);
        await AssertNothingHappenedAsync();
    }

    [Fact]
    public async Task Almost_all_of_the_bound_is_taken()
    {
        model.Go();
        var image = SampleImages.APng(SampleImages.Ihdr(16, 16), SampleImages.PngChunk("IDAT", new byte[31 * 1024 * 1024]), SampleImages.PngChunk("IEND"));
        using var response = await EditAsync(("image", image));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(StoredImage.Of(image).Sha256, model.Seen.Single());
    }

    [Fact]
    public async Task Large_JSON_is_read_from_a_file()
    {
        model.Go();
        var image = SampleImages.APng(SampleImages.Ihdr(16, 16), SampleImages.PngChunk("IDAT", new byte[20 * 1024 * 1024]), SampleImages.PngChunk("IEND"));
        using var response = await EditJsonAsync(new { model = "gpt-image-2", prompt = "x", size = "1024x1024", quality = "low", images = new[] { new { image_url = DataUrl(image) } } });

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(StoredImage.Of(image).Sha256, model.Seen.Single());
    }

    [Fact]
    public async Task A_caller_who_hangs_up_in_the_middle_of_an_upload_leaves_nothing()
    {
        using (var socket = new TcpClient())
        {
            await socket.ConnectAsync(Product.Local.BaseUrl.Host, Product.Local.BaseUrl.Port, Cancel);
            var head = $"POST /v1/images/edits HTTP/1.1\r\nHost: x\r\napi-key: {Customer.Key}\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 1000000\r\n\r\n--b\r\nContent-Disposition: form-data; name=\"image\"; filename=\"a.png\"\r\n\r\n";
            await socket.GetStream().WriteAsync(Encoding.ASCII.GetBytes(head), Cancel);
            await socket.GetStream().WriteAsync(new byte[100_000], Cancel);
            await UntilAsync(() => OpenUploads.Count == 1);
        }

        await UntilAsync(() => OpenUploads.Count == 0);
        await AssertNothingHappenedAsync();
    }

    [Fact]
    public async Task A_refused_idempotency_key_ends_the_files_too()
    {
        Customer.Http.DefaultRequestHeaders.Add("Idempotency-Key", "with a space");
        using var response = await EditAsync(("image", SampleImages.Png));

        await response.AssertErrorAsync(HttpStatusCode.BadRequest, "invalid_idempotency_key");
        Assert.Empty(OpenUploads);
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        while (!condition()) await Task.Delay(10, Cancel);
    }
}
