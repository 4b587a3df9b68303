using ServerlessImages.Api.Desk;

namespace ServerlessImages.Api.Portal;

/// <summary>The addresses of the portal, and where people are sent back to.</summary>
internal static class PortalPaths
{
    public const string Home = "/portal";
    public const string SignIn = "/portal/sign-in";
    public const string StartSignIn = "/portal/sign-in/start";
    public const string SignOut = "/portal/sign-out";
    public const string Terms = "/portal/terms";
    public const string Accounts = "/portal/accounts";
    public const string Invitation = "/portal/invitations/{token}";
    public const string Usage = "/portal/usage";
    public const string UsageCsv = "/portal/usage.csv";
    public const string Requests = "/portal/requests";
    public const string Playground = "/portal/playground";
    public const string Keys = "/portal/keys";
    public const string NewKey = Keys + "/new";
    public const string Key = Keys + "/{id}";
    public const string Webhooks = "/portal/webhooks";
    public const string NewWebhook = Webhooks + "/new";
    public const string Webhook = Webhooks + "/{id}";
    public const string Billing = "/portal/billing";
    public const string Members = "/portal/members";
    public const string Invite = Members + "/invite";
    public const string Withdraw = Members + "/withdraw";
    public const string Leave = Members + "/leave";
    public const string Member = Members + "/{person}";
    public const string Close = "/portal/close";
    public const string Export = Close + "/export";
    public const string Closed = "/portal/closed";
    public const string Return = "return";
    private const int ReturnCharactersMax = 2_000;

    /// <summary>
    /// A page of the portal or of the desk to go back to; anything else, above all another site, is the portal's home. Backslashes and control characters are what browsers
    /// take for other things than they look like.
    /// </summary>
    public static string SafeReturn(string? path)
    {
        var isSafe = path is { Length: > 0 and <= ReturnCharactersMax }
            && (IsUnder(path, Home) || IsUnder(path, DeskPaths.Home))
            && path.All(letter => letter is > ' ' and < '\u007f' and not '\\')
            && !path.Contains("//", StringComparison.Ordinal)
            && !path.Contains("..", StringComparison.Ordinal);
        return isSafe ? path! : Home;
    }

    public static string SignInFor(HttpRequest request) => With(SignIn, request);

    public static string TermsFor(HttpRequest request) => With(Terms, request);

    public static string With(string page, string back) => back == Home ? page : $"{page}?{Return}={Uri.EscapeDataString(back)}";

    /// <summary>A form is not sent again after signing in: one goes back to where it was filled in, or home.</summary>
    private static string With(string page, HttpRequest request) => With(page, HttpMethods.IsGet(request.Method) ? SafeReturn(request.PathBase + request.Path + request.QueryString) : Home);

    public static string KeyOf(string id) => $"{Keys}/{id}";

    public static string WebhookOf(string id) => $"{Webhooks}/{id}";

    public static string MemberOf(string person) => $"{Members}/{person}";

    private static bool IsUnder(string path, string root) => path == root || path.StartsWith(root + "/", StringComparison.Ordinal) || path.StartsWith(root + "?", StringComparison.Ordinal);
}

/// <summary>The names of the two ways in which somebody is known: by a session, or by the provider just now.</summary>
internal static class PortalSchemes
{
    public const string Session = "portal";
    public const string Provider = "provider";
}
