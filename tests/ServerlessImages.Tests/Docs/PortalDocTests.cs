using System.Text.RegularExpressions;
using ServerlessImages.Members;

namespace ServerlessImages.Tests.Docs;

/// <summary><c>docs/portal.md</c> and the table of permissions say the same.</summary>
public sealed partial class PortalDocTests
{
    [Fact]
    public void What_each_role_may_is_documented()
    {
        var inDocs = DocFile.TableBelow("docs/portal.md", "## Accounts and members").Where(cells => cells[0] != "may");
        var inCode = Enum.GetValues<PortalAction>().Select(action => (Words(action), May(MemberRole.Owner, action), May(MemberRole.Developer, action), May(MemberRole.Billing, action)));

        Assert.Equal(inCode, inDocs.Select(cells => (Plain(cells[0]), cells[1], cells[2], cells[3])));
    }

    private static string May(MemberRole role, PortalAction action) => PortalPermissions.Allows(role, action) ? "yes" : "–";

    private static string Words(PortalAction action) => Capital().Replace(action.ToString(), " $0").TrimStart().ToLowerInvariant();

    private static string Plain(string text) => text.Replace(" the ", " ", StringComparison.Ordinal);

    [GeneratedRegex("[A-Z]", RegexOptions.None, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Capital();
}
