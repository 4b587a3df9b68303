using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using ServerlessImages.Local.AzureOpenAI;
using ServerlessImages.Tests.Images;
using ServerlessImages.Tests.Storage;

namespace ServerlessImages.Tests.Api;

/// <summary>A product that spools into a folder of its own, and must leave nothing of it open or behind, whatever the test did.</summary>
public abstract class EditTest : IAsyncLifetime
{
    private readonly TemporaryFolder uploads = new();
    private Product? product;

    private protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private protected Product Product => product!;

    private protected Customer Customer { get; private set; } = null!;

    private protected ReceivedCall Received => Assert.Single(Product.Local.Emulator.Received);

    /// <summary>Files of the folder that this process has open: they have no name in it any more.</summary>
    private protected IReadOnlyList<string> OpenUploads => [.. Directory.GetFiles("/proc/self/fd").Select(Target).Where(each => each.StartsWith(uploads.Path, StringComparison.Ordinal))];

    public async ValueTask InitializeAsync()
    {
        product = await Product.StartAsync(options => options with { Services = services => { options.Services(services); Replace(services); } }, [("Http:UploadFolder", uploads.Path), .. Settings]);
        Customer = await product.CustomerAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await Product.DisposeAsync();
        Assert.Empty(OpenUploads);
        Assert.Empty(Directory.GetFileSystemEntries(uploads.Path));
        uploads.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected virtual IEnumerable<(string Name, string Value)> Settings => [];

    private protected virtual void Replace(IServiceCollection services)
    {
    }

    private protected static byte[] APng(int width, int height) => SampleImages.APng(SampleImages.Ihdr(width, height), SampleImages.PngChunk("IDAT", 1), SampleImages.PngChunk("IEND"));

    private protected static string DataUrl(byte[] bytes) => "data:image/png;base64," + Convert.ToBase64String(bytes);

    /// <summary>As NuGet's OpenAI writes it: names without quotes, text with a Content-Type, files without one.</summary>
    private protected static MultipartFormDataContent AForm(params (string Name, object Value)[] parts)
    {
        var form = new MultipartFormDataContent();
        foreach (var (name, value) in parts)
        {
            if (value is byte[] file) form.Add(new ByteArrayContent(file), name, "picture");
            else form.Add(new StringContent((string)value), name);
        }

        return form;
    }

    /// <summary>The cheapest edit there is, but for what is said.</summary>
    private protected static (string Name, object Value)[] Fields(params (string Name, object Value)[] more) => [("model", "gpt-image-2"), ("prompt", "make it night"), ("size", "1024x1024"), ("quality", "low"), .. more];

    private protected async Task<HttpResponseMessage> EditAsync(MultipartFormDataContent form, string path = "/v1/images/edits")
    {
        using (form) return await Customer.Http.PostAsync(new Uri(path, UriKind.Relative), form, Cancel);
    }

    private protected Task<HttpResponseMessage> EditAsync(params (string Name, object Value)[] parts) => EditAsync(AForm(Fields(parts)));

    private protected Task<HttpResponseMessage> EditJsonAsync(object body, string path = "/v1/images/edits") => Customer.Http.PostAsJsonAsync(path, body, Cancel);

    private protected async Task AssertNothingHappenedAsync()
    {
        var balance = await Customer.BalanceAsync();
        Assert.Equal((new Money(5_000_000), 1L, 0), (balance.Available, balance.Sequence, Product.Local.Emulator.Calls));
        Assert.Empty(await Customer.RowsAsync("H"));
    }

    private static string Target(string link)
    {
        try
        {
            return File.ResolveLinkTarget(link, returnFinalTarget: false)?.FullName ?? "";
        }
        catch (IOException)
        {
            // It was closed in between.
            return "";
        }
    }
}
