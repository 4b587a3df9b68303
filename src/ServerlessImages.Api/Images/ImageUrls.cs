using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Microsoft.Extensions.Options;
using ServerlessImages.Api.Http;
using ServerlessImages.Images;
using ServerlessImages.Keys;
using ServerlessImages.Ledger;

namespace ServerlessImages.Api.Images;

/// <summary>Signed addresses of images, <c>/f/{token}</c>: whoever has one may read that image for an hour, without a key.</summary>
internal sealed class ImageUrls(Peppers peppers, TimeProvider clock, IOptions<SiteOptions> site)
{
    private const string Purpose = "image_url";
    private const int FieldCount = 4;
    private static readonly TimeSpan ValidFor = TimeSpan.FromHours(1);

    public IReadOnlyList<Uri> For(Caller caller, Generation generation)
    {
        var expiresAt = (clock.GetUtcNow() + ValidFor).ToUnixTimeSeconds();
        return [.. generation.Images.Select((_, index) => Url(new SignedImage(caller.Partition, generation.RequestId, index), expiresAt))];
    }

    /// <summary>For a page of this site.</summary>
    public string PathOf(LedgerPartition partition, string requestId, int index) => Url(new(partition, requestId, index), (clock.GetUtcNow() + ValidFor).ToUnixTimeSeconds()).AbsolutePath;

    /// <returns>Which image the token is for, or null: not ours, or no longer valid.</returns>
    public SignedImage? Read(string token)
    {
        var dot = token.IndexOf('.', StringComparison.Ordinal);
        if (dot < 0 || !Base64Url.IsValid(token.AsSpan(0, dot))) return null;

        var text = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(token.AsSpan(0, dot)));
        if (!peppers.IsSigned(Purpose, text, token[(dot + 1)..]) || text.Split('\n') is not { Length: FieldCount } fields) return null;
        if (clock.GetUtcNow().ToUnixTimeSeconds() >= long.Parse(fields[3], CultureInfo.InvariantCulture)) return null;
        return new SignedImage(LedgerPartition.Parse(fields[0]), fields[1], int.Parse(fields[2], CultureInfo.InvariantCulture));
    }

    private Uri Url(SignedImage image, long expiresAt)
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"{image.Partition.Key}\n{image.RequestId}\n{image.Index}\n{expiresAt}");
        return new Uri(site.Value.PublicUrl!, $"/f/{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text))}.{peppers.Sign(Purpose, text)}");
    }
}

/// <param name="Index">From 0 on.</param>
internal sealed record SignedImage(LedgerPartition Partition, string RequestId, int Index);
