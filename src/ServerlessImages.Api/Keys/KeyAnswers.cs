using ServerlessImages.Images;
using ServerlessImages.Keys;

namespace ServerlessImages.Api.Keys;

/// <summary>What the keys' endpoints answer, on the wire.</summary>
internal static class KeyAnswers
{
    public static IResult Key(SeenKey seen, DateTimeOffset now) => Results.Json(Of(seen, now, text: null));

    /// <summary>The one answer that ever has the key's text.</summary>
    public static IResult Minted(MintedKey minted, DateTimeOffset now) => Results.Json(Of(new(minted.Key, null), now, minted.Text), statusCode: StatusCodes.Status201Created);

    public static IResult Page(KeyPage page, DateTimeOffset now) => Results.Json(new
    {
        @object = "list",
        data = page.Keys.Select(seen => Of(seen, now, text: null)),
        has_more = page.HasMore,
        next_cursor = page.HasMore && page.Keys.Count > 0 ? page.Keys[^1].Key.Id : null,
    });

    public static IResult Revoked(string id) => Results.Json(new { @object = "api_key.revocation", id, revoked = true });

    public static Dictionary<string, object?> Of(SeenKey seen, DateTimeOffset now, ApiKeyText? text)
    {
        var key = seen.Key;
        var answer = new Dictionary<string, object?> { ["object"] = "api_key", ["id"] = key.Id };
        if (text is not null) answer["key"] = text.Text;
        answer["name"] = key.Name.Length > 0 ? key.Name : null;
        answer["status"] = key.StatusAt(now).ToWire();
        answer["scopes"] = key.Scopes;
        answer["models"] = key.Models.Count > 0 ? key.Models : null;
        answer["addresses"] = key.Addresses.Count > 0 ? key.Addresses.Select(range => range.ToString()) : null;
        answer["created"] = key.Created.ToUnixTimeSeconds();
        answer["expires_at"] = key.ExpiresAt?.ToUnixTimeSeconds();
        answer["last_used_at"] = seen.LastUsed?.ToUnixTimeSeconds();
        answer["replaced_by"] = key.ReplacedBy.Length > 0 ? key.ReplacedBy : null;
        answer["livemode"] = key.Livemode;
        return answer;
    }
}
