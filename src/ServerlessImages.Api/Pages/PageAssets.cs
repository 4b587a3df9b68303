using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.IO.Compression;
using System.Net.Mime;
using System.Security.Cryptography;
using ServerlessImages.Api.Http;

namespace ServerlessImages.Api.Pages;

/// <summary>
/// The files that pages load, out of the assembly: they cannot be missing from a published folder, and need no path. Their address has a hash of all of them,
/// so that browsers may keep them for ever and never mix two versions.
/// </summary>
internal static class PageAssets
{
    private const string Prefix = "assets/";
    private static readonly TimeSpan ForEver = TimeSpan.FromDays(365);

    /// <summary>What an instance of another version, met in the middle of an update, may give.</summary>
    private static readonly TimeSpan ForNow = TimeSpan.FromMinutes(1);

    private static readonly Lazy<FrozenDictionary<string, byte[]>> Files = new(() => Names().ToFrozenDictionary(name => name[Prefix.Length..], Read));
    private static readonly Lazy<string> Version = new(() => Convert.ToHexStringLower(SHA256.HashData([.. Files.Value.OrderBy(file => file.Key, StringComparer.Ordinal).SelectMany(file => SHA256.HashData(file.Value))]))[..12]);
    private static readonly ConcurrentDictionary<string, byte[]> Compressed = new();

    public static string Link(string name) => $"/assets/{Version.Value}/{name}";

    public static async Task WriteAsync(HttpContext http, string version, string name)
    {
        if (!Files.Value.TryGetValue(name, out var bytes))
        {
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        http.Features.Set(new AnswerLifetime(version == Version.Value ? ForEver : ForNow));
        http.Response.ContentType = TypeOf(name);
        if (IsText(name)) bytes = Fitting(http, name, bytes);
        http.Response.ContentLength = bytes.Length;
        await http.Response.Body.WriteAsync(bytes, http.RequestAborted);
    }

    private static byte[] Fitting(HttpContext http, string name, byte[] bytes)
    {
        http.Response.Headers.Vary = "Accept-Encoding";
        if (!http.Request.Headers.AcceptEncoding.ToString().Contains("br", StringComparison.OrdinalIgnoreCase)) return bytes;
        http.Response.Headers.ContentEncoding = "br";
        return Compressed.GetOrAdd(name, _ => Compress(bytes));
    }

    /// <summary>Once for each instance and file, some milliseconds.</summary>
    private static byte[] Compress(byte[] bytes)
    {
        using var compressed = new MemoryStream();
        using (var brotli = new BrotliStream(compressed, CompressionLevel.Optimal)) brotli.Write(bytes);
        return compressed.ToArray();
    }

    private static IEnumerable<string> Names() => typeof(PageAssets).Assembly.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal));

    private static byte[] Read(string name)
    {
        using var file = typeof(PageAssets).Assembly.GetManifestResourceStream(name)!;
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return bytes;
    }

    private static bool IsText(string name) => !name.EndsWith(".woff2", StringComparison.Ordinal);

    private static string TypeOf(string name) => Path.GetExtension(name) switch
    {
        ".css" => MediaTypeNames.Text.Css + "; charset=utf-8",
        ".js" => MediaTypeNames.Text.JavaScript + "; charset=utf-8",
        ".svg" => MediaTypeNames.Image.Svg,
        ".woff2" => MediaTypeNames.Font.Woff2,
        _ => MediaTypeNames.Text.Plain + "; charset=utf-8",
    };
}
