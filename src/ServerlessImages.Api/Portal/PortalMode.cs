using ServerlessImages.Api.Http;
using ServerlessImages.Api.Pages.Layouts;
using ServerlessImages.Images;
using ServerlessImages.Ledger;

namespace ServerlessImages.Api.Portal;

/// <summary>Whether a page shows what was paid, or what test keys played: <c>?mode=test</c>.</summary>
public enum PortalMode
{
    Live,
    Test,
}

internal static class PortalModes
{
    private const string Name = "mode";

    public static PortalMode Read(QueryFields fields) => fields.Word<PortalMode>(Name);

    /// <summary>The member's own, in the mode of the page.</summary>
    public static LedgerPartition Partition(this PortalMember member, PortalMode mode) => new(member.Account.Id, mode == PortalMode.Live);

    /// <summary>An address in the same mode. Those of live are as short as they can be.</summary>
    /// <param name="query">Names and values; what is null is left out.</param>
    public static string Link(this PortalMode mode, string path, params IEnumerable<(string Name, string? Value)> query)
    {
        var pairs = query.Append((Name, mode == PortalMode.Test ? mode.ToWire() : null)).Where(each => each.Item2 is not null).Select(each => $"{each.Item1}={Uri.EscapeDataString(each.Item2!)}").ToArray();
        return pairs.Length == 0 ? path : $"{path}?{string.Join('&', pairs)}";
    }

    /// <summary>A page in both modes.</summary>
    public static IReadOnlyList<MenuItem> Tabs(string path) => [new("Live", PortalMode.Live.Link(path)), new("Test", PortalMode.Test.Link(path))];
}
