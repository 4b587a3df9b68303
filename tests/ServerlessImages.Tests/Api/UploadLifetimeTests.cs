using System.Net;
using Microsoft.Extensions.DependencyInjection;
using ServerlessImages.Images;
using ServerlessImages.Tests.Images;

namespace ServerlessImages.Tests.Api;

/// <summary>The files of an edit outlive its answer where the work does.</summary>
public sealed class UploadLifetimeTests : EditTest
{
    private readonly PatientModel model = new();

    private protected override IEnumerable<(string Name, string Value)> Settings => [("Http:PlainWait", "00:00:01")];

    private protected override void Replace(IServiceCollection services) => services.AddSingleton<IImageModel>(model);

    [Fact]
    public async Task The_files_live_as_long_as_the_work_and_not_as_the_answer()
    {
        using var response = await EditAsync(("image", SampleImages.Png));

        await response.AssertErrorAsync(HttpStatusCode.FailedDependency, "still_generating");
        Assert.Single(OpenUploads);
        model.Go();
        Assert.Equal("succeeded", (await Customer.FinishedRequestAsync(response.Header("x-request-id"))).Text("status"));
        Assert.Equal(StoredImage.Of(SampleImages.Png).Sha256, model.Seen.Single());
    }
}
