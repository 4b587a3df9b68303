using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace ServerlessImages.Keys;

/// <summary>Network addresses in the form of a CIDR block, such as <c>203.0.113.0/24</c>.</summary>
public sealed record AddressRange(IPNetwork Network)
{
    /// <summary>Reads a block, or one address, which is a block of itself. A block's address has no bits beyond its prefix: whoever wrote some meant something else.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out AddressRange? range)
    {
        range = null;
        if (IPAddress.TryParse(text, out var address) && !text.Contains('/', StringComparison.Ordinal))
        {
            address = Plain(address);
            range = new(new IPNetwork(address, address.GetAddressBytes().Length * 8));
            return true;
        }

        if (!IPNetwork.TryParse(text, out var network) || !network.BaseAddress.Equals(IPAddress.Parse(text[..text.IndexOf('/', StringComparison.Ordinal)]))) return false;
        range = new(network);
        return true;
    }

    public bool Contains(IPAddress address) => Network.Contains(Plain(address));

    public bool Contains(AddressRange other) => other.Network.PrefixLength >= Network.PrefixLength && Network.Contains(other.Network.BaseAddress);

    public override string ToString() => Network.ToString();

    /// <summary>A server that listens on both families sees IPv4 callers as IPv6.</summary>
    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}
