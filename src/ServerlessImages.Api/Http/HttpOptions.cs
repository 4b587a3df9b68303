using System.ComponentModel.DataAnnotations;

namespace ServerlessImages.Api.Http;

/// <summary>Limits of the HTTP surface.</summary>
public sealed class HttpOptions : IValidatableObject
{
    public const string Section = "Http";

    /// <summary>The largest body of a request, in bytes. Larger ones get 413.</summary>
    /// <value>Default 32 MiB; at most 95 MiB, because the Functions host answers 500 above 100.</value>
    [Range(1024 * 1024, 95 * 1024 * 1024)]
    public long BodyBytesMax { get; init; } = 32 * 1024 * 1024;

    /// <summary>Where the images that come with an edit are kept until its work ends. Their files have no name there once they are open, except on Windows.</summary>
    /// <value>Default: <c>serverlessimages-uploads</c> among the machine's temporary files.</value>
    public string? UploadFolder { get; init; }

    /// <summary>How long a plain call waits for its images before it is answered 424 <c>still_generating</c>.</summary>
    /// <value>Default 200 seconds: Azure's front end cuts at 230.</value>
    [Range(typeof(TimeSpan), "00:00:01", "00:03:40")]
    public TimeSpan PlainWait { get; init; } = TimeSpan.FromSeconds(200);

    /// <summary>The header in which the operator's own front end writes its caller's address, and which nobody else can write. The last address in it counts.</summary>
    /// <value>Default: none. Callers' addresses are then not known, and API keys with a list of addresses are refused.</value>
    public string? ClientAddressHeader { get; init; }

    /// <summary>The origins, such as <c>https://app.example.com</c>, whose pages may call the API from a browser.</summary>
    /// <value>Default: none.</value>
    public List<string> CorsOrigins { get; init; } = [];

    /// <summary>How often a silent stream carries a comment line.</summary>
    /// <value>Default 15 seconds.</value>
    [Range(typeof(TimeSpan), "00:00:01", "00:01:00")]
    public TimeSpan HeartbeatInterval { get; init; } = TimeSpan.FromSeconds(15);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (var origin in CorsOrigins)
        {
            // A star, a path or a slash at the end would match nothing, or everybody.
            var isOrigin = Uri.TryCreate(origin, UriKind.Absolute, out var address) && address.Scheme is "https" or "http" && origin == address.GetLeftPart(UriPartial.Authority);
            if (!isOrigin) yield return new ValidationResult($"Http:CorsOrigins: '{origin}' is not an origin such as https://app.example.com.", [nameof(CorsOrigins)]);
        }
    }
}

/// <summary>Settings without a section.</summary>
public sealed class SiteOptions : IValidatableObject
{
    /// <summary>The address at which callers reach this API, without a path. Every absolute URL in an answer is made from it, never from a Host header.</summary>
    [Required]
    public Uri? PublicUrl { get; init; }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        var isAddress = PublicUrl is null || (PublicUrl.IsAbsoluteUri && PublicUrl.Scheme is "https" or "http" && PublicUrl.PathAndQuery == "/");
        if (!isAddress) yield return new ValidationResult("PublicUrl is an absolute http or https address without a path, such as https://images.example.com.", [nameof(PublicUrl)]);
    }
}
