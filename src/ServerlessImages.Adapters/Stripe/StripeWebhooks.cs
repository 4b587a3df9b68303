using System.Text;
using System.Text.Json;
using ServerlessImages.Billing;
using Stripe;

namespace ServerlessImages.Stripe;

/// <summary>
/// Reads what Stripe announces: checks the signature against each of our secrets, and takes of the event only ids and words. Parsed here and not by the SDK,
/// which throws at an event of another version: it has to be kept.
/// </summary>
internal sealed class StripeWebhooks(IReadOnlyList<string> secrets, TimeProvider clock)
{
    /// <summary>How old an event may be, in seconds, or how far ahead. Source: docs.stripe.com/webhooks, "Preventing replay attacks".</summary>
    private const long Tolerance = 300;

    /// <summary>Versions of one major name, such as endive, are compatible. Source: docs.stripe.com/sdks/versioning.</summary>
    private static readonly string Major = MajorOf(StripeConfiguration.ApiVersion);

    public Result<CollectorEvent> Read(ReadOnlySpan<byte> body, string signature) => Read(body, signature, Of);

    /// <summary>The same of one that only says where to look, and has no version.</summary>
    public Result<CollectorEvent> ReadThin(ReadOnlySpan<byte> body, string signature) => Read(body, signature, OfThin);

    private Result<CollectorEvent> Read(ReadOnlySpan<byte> body, string signature, Func<JsonElement, CollectorEvent> translate)
    {
        try
        {
            var text = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true).GetString(body);
            if (!secrets.Any(secret => IsSigned(text, signature, secret))) return ApiError.InvalidWebhook;
            using var json = JsonDocument.Parse(text);
            return translate(json.RootElement);
        }
        catch (Exception cause) when (cause is JsonException or DecoderFallbackException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return ApiError.InvalidWebhook with { Cause = cause.Message };
        }
    }

    /// <summary>The same of an event that was fetched.</summary>
    public static CollectorEvent Of(Event fetched) => Of(JsonDocument.Parse(fetched.RawJsonElement?.GetRawText() ?? fetched.ToJson()).RootElement);

    private bool IsSigned(string text, string signature, string secret)
    {
        try
        {
            EventUtility.ValidateSignature(text, signature, secret, Tolerance, clock.GetUtcNow().ToUnixTimeSeconds());
            return true;
        }
        catch (StripeException)
        {
            return false;
        }
    }

    private static CollectorEvent Of(JsonElement json)
    {
        var type = json.GetProperty("type").GetString()!;
        var version = Text(json, "api_version");
        var about = json.GetProperty("data").GetProperty("object");
        var kind = StripeEvents.KindOf(type);
        var objectId = Text(about, kind switch
        {
            CollectorEventKind.PaymentReturned => "payment_intent",
            CollectorEventKind.PostpaidChanged => "customer",
            _ => "id",
        });

        // Money that came in another way than through a payment of ours.
        if (kind is CollectorEventKind.PaymentReturned or CollectorEventKind.PostpaidChanged && objectId.Length == 0) kind = CollectorEventKind.Nothing;
        return new(Key(json.GetProperty("id").GetString()!), Key(type), kind, objectId, DateTimeOffset.FromUnixTimeSeconds(json.GetProperty("created").GetInt64()), MajorOf(version) == Major ? "" : Key(version));
    }

    private static CollectorEvent OfThin(JsonElement json)
    {
        var (id, type) = (Key(json.GetProperty("id").GetString()!), Key(json.GetProperty("type").GetString()!));
        return new(id, type, StripeEvents.ThinKindOf(type), id, json.GetProperty("created").GetDateTimeOffset(), "");
    }

    private static string Text(JsonElement json, string name) => json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    /// <summary>Becomes a part of a row's key.</summary>
    private static string Key(string text) => text.Length is > 0 and <= 200 && text.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '_' or '-') ? text : throw new FormatException("An id, type or version of another form.");

    private static string MajorOf(string version) => version[(version.LastIndexOf('.') + 1)..];
}
