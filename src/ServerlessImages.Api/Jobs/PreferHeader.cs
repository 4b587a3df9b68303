namespace ServerlessImages.Api.Jobs;

/// <summary>Whether a caller wants its answer later: <c>Prefer: respond-async</c>. Source: RFC 7240, section 4.1.</summary>
internal static class PreferHeader
{
    public const string RespondAsync = "respond-async";

    public static bool WantsJob(HttpRequest request) => request.Headers["Prefer"]
        .SelectMany(line => (line ?? "").Split(','))
        .Any(preference => preference.Split(';')[0].Trim().Equals(RespondAsync, StringComparison.OrdinalIgnoreCase));
}
