using System.Collections.Frozen;
using Microsoft.Extensions.Options;
using ServerlessImages.Api.Http;

namespace ServerlessImages.Api.Docs;

/// <summary>
/// The documents in <c>docs/guides</c>, in the order of their numbers: whoever adds a file adds a guide. In their examples this site's own address stands in the
/// place of <see cref="ExampleSite"/>, so that they can be copied as they are.
/// </summary>
internal sealed class Guides(IOptions<SiteOptions> site)
{
    public const string Path = "/guides";
    private const string Prefix = "guides/";
    private const string ExampleSite = "https://images.example.com";

    /// <summary>The reference and the errors have pages of their own.</summary>
    private static readonly FrozenDictionary<string, string> OtherDocuments = new Dictionary<string, string> { ["../api.md"] = "/docs", ["../errors.md"] = "/docs/errors" }.ToFrozenDictionary();

    private readonly Lazy<IReadOnlyList<Guide>> all = new(() => [.. Names().Order(StringComparer.Ordinal).Select(name => Read(name, site.Value.PublicUrl!))]);

    public IReadOnlyList<Guide> All => all.Value;

    public Guide? Find(string name) => All.FirstOrDefault(guide => guide.Name == name);

    /// <summary>Where a link between documents leads on the site: to another guide, or to what is left of the docs.</summary>
    public static string LinkTo(string target)
    {
        var (document, fragment) = target.Split('#', 2) is [var before, var after] ? (before, "#" + after) : (target, "");
        if (document.Length == 0 || document.Contains("://", StringComparison.Ordinal) || document.StartsWith('/')) return target;
        return OtherDocuments.TryGetValue(document, out var page) ? page + fragment : $"{Path}/{NameOf(document)}{fragment}";
    }

    /// <summary>Without its number and ending.</summary>
    private static string NameOf(string file) => System.IO.Path.GetFileNameWithoutExtension(file).TrimStart([.. "0123456789"]).TrimStart('-');

    private static IEnumerable<string> Names() => typeof(Guides).Assembly.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal));

    private static Guide Read(string resource, Uri site) => new(NameOf(resource), Document.Read(resource).Replace(ExampleSite, site.AbsoluteUri.TrimEnd('/'), StringComparison.Ordinal));
}

/// <param name="Name">In its address.</param>
internal sealed record Guide(string Name, string Markdown)
{
    public string Title { get; } = Docs.Markdown.Title(Markdown);

    public string Summary { get; } = Docs.Markdown.Summary(Markdown);

    public string Link => $"{Guides.Path}/{Name}";
}
