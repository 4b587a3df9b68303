using ServerlessImages.Api.Operators;
using ServerlessImages.Api.Pages.Layouts;
using ServerlessImages.Api.Portal;
using ServerlessImages.Members;
using ServerlessImages.Operators;

namespace ServerlessImages.Api.Desk;

/// <summary>What stands around every page of the desk: which operator sees it, and whether they may do anything.</summary>
/// <param name="MayAct">Has the role for writing: without it, what acts is not shown, and refused if it is sent all the same.</param>
public sealed record DeskShell(Person Operator, bool MayAct)
{
    public static IReadOnlyList<MenuItem> Menu { get; } =
    [
        new("Overview", DeskPaths.Home),
        new("Live", DeskPaths.Live),
        new("Accounts", DeskPaths.Accounts, "Customers"),
        new("Abuse", DeskPaths.Abuse),
        new("Prices", DeskPaths.Prices, "Money"),
        new("Books", DeskPaths.Books),
        new("Payments", DeskPaths.Payments),
        new("Incidents", DeskPaths.Incidents, "Records"),
        new("Audit log", DeskPaths.Audit),
    ];
}

internal static class DeskShellExtensions
{
    public static DeskShell Desk(this HttpContext http) => new(http.Session().Person, SessionClaims.IsOperator(http.User, OperatorAccess.Write));

    /// <summary>Who acts, for the audit log.</summary>
    public static OperatorIdentity DeskOperator(this HttpContext http) => new(http.Session().Person.Id, http.Session().Person.Email);
}
