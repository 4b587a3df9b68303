using Microsoft.Extensions.Options;
using ServerlessImages.Api.Http;

namespace ServerlessImages.Api.Uploads;

/// <summary>The folder of the temporary files: what callers send is kept there and not in memory.</summary>
internal sealed class UploadFolder(IOptions<HttpOptions> options)
{
    private const UnixFileMode OwnersOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>A new, empty file.</summary>
    public SpooledFile Create()
    {
        var folder = options.Value.UploadFolder ?? Path.Combine(Path.GetTempPath(), "serverlessimages-uploads");
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(folder);
        else Directory.CreateDirectory(folder, OwnersOnly);
        return new SpooledFile(Path.Combine(folder, Path.GetRandomFileName()));
    }
}
