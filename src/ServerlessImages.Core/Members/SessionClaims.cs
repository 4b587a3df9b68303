using System.Globalization;
using System.Security.Claims;

namespace ServerlessImages.Members;

/// <summary>
/// What a session's cookie says: who it is and, of operators, that they are; nothing that a member's role decides, which is looked up each time. The cookie is
/// signed and encrypted, and made from the provider's signed token alone.
/// </summary>
public static class SessionClaims
{
    private const string PersonId = "sub";
    private const string Email = "email";
    private const string Name = "name";
    private const string Operator = "operator";
    private const string Account = "account";
    private const string StartedAt = "started_at";
    private const int CharactersMax = 200;
    private static readonly string[] OperatorRoles = ["Operator.Read", "Operator.Write"];

    /// <param name="token">The claims of the provider's token, as it names them.</param>
    /// <param name="operatorClaim">Which of them has an operator's roles.</param>
    public static ClaimsIdentity Of(ClaimsPrincipal token, string operatorClaim, DateTimeOffset now, string scheme)
    {
        var (issuer, subject) = (token.FindFirst("iss")?.Value, token.FindFirst("sub")?.Value);
        if (string.IsNullOrEmpty(issuer) || string.IsNullOrEmpty(subject)) throw new ArgumentException("The token names nobody.", nameof(token));

        List<Claim> claims =
        [
            new(PersonId, Person.IdOf(issuer, subject)),
            new(Email, Bounded(token.FindFirst("email")?.Value ?? token.FindFirst("preferred_username")?.Value)),
            new(Name, Bounded(token.FindFirst("name")?.Value)),
            new(StartedAt, now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture)),
            .. token.FindAll(operatorClaim).Select(claim => claim.Value).Where(OperatorRoles.Contains).Distinct().Select(role => new Claim(Operator, role)),
        ];
        return new ClaimsIdentity(claims, scheme, Name, Operator);
    }

    /// <returns>Null if nobody is signed in.</returns>
    public static Person? PersonOf(ClaimsPrincipal session) =>
        session.FindFirst(PersonId)?.Value is { } id ? new Person(id, session.FindFirst(Email)?.Value ?? "", session.FindFirst(Name)?.Value ?? "") : null;

    public static bool IsOperator(ClaimsPrincipal session, string role) => session.HasClaim(Operator, role);

    /// <summary>Which account the person chose to see; "" for none. Whether they may is not said here.</summary>
    public static string AccountOf(ClaimsPrincipal session) => session.FindFirst(Account)?.Value ?? "";

    /// <summary>The same session, seeing another account.</summary>
    public static ClaimsPrincipal WithAccount(ClaimsPrincipal session, string accountId, string scheme)
    {
        var claims = session.Claims.Where(claim => claim.Type != Account).Append(new Claim(Account, accountId));
        return new ClaimsPrincipal(new ClaimsIdentity(claims, scheme, Name, Operator));
    }

    public static bool IsYoungerThan(ClaimsPrincipal session, DateTimeOffset now, TimeSpan age) =>
        long.TryParse(session.FindFirst(StartedAt)?.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var started) && now < DateTimeOffset.FromUnixTimeSeconds(started) + age;

    private static string Bounded(string? text) => text is null ? "" : text.Length <= CharactersMax ? text : text[..CharactersMax];
}
