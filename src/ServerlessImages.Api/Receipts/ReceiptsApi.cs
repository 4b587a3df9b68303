using System.Text.Json;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using ServerlessImages.Api.Http;
using ServerlessImages.Keys;
using ServerlessImages.Receipts;

namespace ServerlessImages.Api.Receipts;

/// <summary>Receipts, and the keys to check them with. A receipt is signed when it is read: only the ledger's entry, of which it is made, is kept and hashed.</summary>
internal static class ReceiptsApi
{
    public const string JwsType = "application/jose";

    /// <summary>Where whoever checks a receipt finds the keys.</summary>
    public const string KeysPath = "/.well-known/jwks.json";

    /// <summary>Clients that meet an unknown key ask again anyway; this is for those that do not.</summary>
    private static readonly TimeSpan KeysKeptFor = TimeSpan.FromMinutes(5);

    public static void AddReceipts(this IServiceCollection services)
    {
        services.AddOptions<ReceiptOptions>().BindConfiguration(ReceiptOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<SigningKeys>();
        services.AddSingleton<FindReceipt>();
    }

    public static void MapReceipts(this WebApplication app)
    {
        foreach (var prefix in ApiPrefix.Plain) app.MapGet(prefix + "/receipts/{id}", FindAsync).RequireScope(Scope.UsageRead, Scope.ImagesGenerate, Scope.ImagesEdit);
        app.MapGet(KeysPath, KeysAsync).OpenToEveryone().MayBeKept(KeysKeptFor);
    }

    private static async Task FindAsync(string id, HttpContext http, FindReceipt find, SigningKeys keys, ErrorWriter errors, IOptions<SiteOptions> site)
    {
        if (!(await find.RunAsync(http.Caller(), id, http.RequestAborted)).TryGet(out var charged, out var error))
        {
            await errors.WriteAsync(http, error);
            return;
        }

        var payload = ReceiptPayload.Of(http.Caller().Partition, charged, site.Value.PublicUrl!);
        http.Response.Headers.Vary = HeaderNames.Accept;
        if (WantsJws(http.Request)) await WriteJwsAsync(http.Response, keys.Sign(payload));
        else await WriteJsonAsync(http.Response, id, keys.Sign(payload), payload);
    }

    private static bool WantsJws(HttpRequest request) =>
        request.GetTypedHeaders().Accept.Any(accepted => accepted.MediaType.Equals(JwsType, StringComparison.OrdinalIgnoreCase) && accepted.Quality is not 0);

    private static Task WriteJwsAsync(HttpResponse response, string jws)
    {
        response.ContentType = JwsType;
        return response.WriteAsync(jws);
    }

    private static async Task WriteJsonAsync(HttpResponse response, string id, string jws, byte[] payload)
    {
        response.ContentType = "application/json";
        await using var json = new Utf8JsonWriter(response.BodyWriter);
        json.WriteStartObject();
        json.WriteString("object", "receipt");
        json.WriteString("id", id);
        json.WriteString("jws", jws);
        json.WritePropertyName("payload");
        json.WriteRawValue(payload);
        json.WriteEndObject();
    }

    /// <summary>A JSON Web Key Set. Source: RFC 7517, section 5.</summary>
    private static async Task KeysAsync(HttpContext http, SigningKeys keys)
    {
        http.Response.ContentType = "application/json";
        await using var json = new Utf8JsonWriter(http.Response.BodyWriter);
        json.WriteStartObject();
        json.WriteStartArray("keys");
        foreach (var key in keys.Published)
        {
            json.WriteStartObject();
            json.WriteString("kty", PublicKey.KeyType);
            json.WriteString("crv", PublicKey.Curve);
            json.WriteString("x", key.X);
            json.WriteString("y", key.Y);
            json.WriteString("use", "sig");
            json.WriteString("alg", CompactJws.Algorithm);
            json.WriteString("kid", key.Thumbprint);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
