using System.Net;
using ServerlessImages.Keys;

namespace ServerlessImages.Tests.Keys;

public sealed class AddressRangeTests
{
    [Theory]
    [InlineData("203.0.113.0/24", "203.0.113.7", true)]
    [InlineData("203.0.113.0/24", "203.0.114.7", false)]
    [InlineData("203.0.113.7", "203.0.113.7", true)]
    [InlineData("203.0.113.7", "203.0.113.8", false)]
    [InlineData("203.0.113.7", "::ffff:203.0.113.7", true)]
    [InlineData("2001:db8::/32", "2001:db8:1::1", true)]
    [InlineData("2001:db8::/32", "203.0.113.7", false)]
    [InlineData("0.0.0.0/0", "2001:db8::1", false)]
    public void A_range_has_its_own_addresses_and_no_others(string range, string address, bool expected) =>
        Assert.Equal(expected, Range(range).Contains(IPAddress.Parse(address)));

    [Theory]
    [InlineData("203.0.113.7/24")]
    [InlineData("203.0.113.0/33")]
    [InlineData("example.com")]
    [InlineData("")]
    public void What_is_no_range_is_refused(string text) => Assert.False(AddressRange.TryParse(text, out _));

    [Theory]
    [InlineData("203.0.113.0/24", "203.0.113.128/25", true)]
    [InlineData("203.0.113.0/24", "203.0.113.0/24", true)]
    [InlineData("203.0.113.0/24", "203.0.112.0/23", false)]
    [InlineData("203.0.113.0/24", "2001:db8::/32", false)]
    public void A_range_lies_in_another_or_not(string outer, string inner, bool expected) => Assert.Equal(expected, Range(outer).Contains(Range(inner)));

    private static AddressRange Range(string text) => AddressRange.TryParse(text, out var range) ? range : throw new ArgumentException(text, nameof(text));
}
