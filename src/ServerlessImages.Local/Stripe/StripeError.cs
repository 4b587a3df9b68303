using System.Text.Json.Nodes;

namespace ServerlessImages.Local.Stripe;

/// <summary>An answer that is an error, in Stripe's form.</summary>
internal sealed class StripeError(int status, JsonObject error, params IReadOnlyList<(string Name, string Value)> headers) : Exception(error.ToJsonString())
{
    public int Status => status;

    public JsonObject Body => new() { ["error"] = error.DeepClone() };

    public IReadOnlyList<(string Name, string Value)> Headers => headers;

    public static StripeError Invalid(string message, string param, string? code = null) => new(400, Of("invalid_request_error", message, code, param));

    /// <summary>What Stripe can do and this cannot: better refused than left out.</summary>
    public static StripeError NotEmulated(string what, string param) => Invalid($"The emulator does not know {what}.", param);

    public static StripeError Missing(string what, string id) => new(404, Of("invalid_request_error", $"No such {what}: '{id}'", "resource_missing", "id"));

    public static StripeError Unauthorized() => new(401, Of("invalid_request_error", "Invalid API Key provided."));

    public static StripeError NoRoute(string path) => new(404, Of("invalid_request_error", $"Unrecognized request URL ({path})."));

    public static StripeError KeyReused() => new(400, Of("idempotency_error", "Keys for idempotent requests can only be used with the same parameters they were first used with."));

    /// <summary>No code, and never to be sent again: it was taken before. Source: langfuse pull request 16292, which quotes the response.</summary>
    public static StripeError EventExists(string identifier) => new(400, Of("invalid_request_error", $"An event already exists with identifier {identifier}."), ("stripe-should-retry", "false"));

    public static StripeError Internal() => new(500, Of("api_error", "An unknown error occurred."));

    /// <param name="reason">The header <c>Stripe-Rate-Limited-Reason</c>; null: none, as with a lock that was not got in time. Source: docs.stripe.com/rate-limits.</param>
    public static StripeError RateLimited(string? reason, bool? shouldRetry = null, int? retryAfter = null)
    {
        var headers = new List<(string, string)>();
        if (reason is not null) headers.Add(("Stripe-Rate-Limited-Reason", reason));
        if (shouldRetry is { } again) headers.Add(("Stripe-Should-Retry", again ? "true" : "false"));
        if (retryAfter is { } seconds) headers.Add(("Retry-After", seconds.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        return new(429, Of("invalid_request_error", "Request rate limit exceeded.", reason is null ? "lock_timeout" : "rate_limit"), headers);
    }

    public static StripeError Card(string code, string? declineCode, JsonObject intent)
    {
        var error = Of("card_error", "Your card was declined.", code);
        if (declineCode is not null) error["decline_code"] = declineCode;
        error["payment_intent"] = intent.DeepClone();
        return new(402, error);
    }

    private static JsonObject Of(string type, string message, string? code = null, string? param = null)
    {
        var error = new JsonObject { ["type"] = type, ["message"] = message };
        if (code is not null) error["code"] = code;
        if (param is not null) error["param"] = param;
        return error;
    }
}
