using ServerlessImages.Api.Portal;

namespace ServerlessImages.Tests.Portal;

/// <summary>After signing in one comes to a page of ours, whatever a link says.</summary>
public sealed class PortalPathsTests
{
    [Theory]
    [InlineData("/portal")]
    [InlineData("/portal/keys?after=4fJ8sK2mQ9xZ")]
    [InlineData("/portal?x=1")]
    [InlineData("/operator/accounts")]
    public void A_page_of_ours_is_gone_back_to(string path) => Assert.Equal(path, PortalPaths.SafeReturn(path));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("https://evil.example.com/portal")]
    [InlineData("//evil.example.com/portal")]
    [InlineData("/\\evil.example.com")]
    [InlineData("/portal\\..\\evil")]
    [InlineData("/portal//evil.example.com")]
    [InlineData("/portal/../v1/keys")]
    [InlineData("/portal/\r\nSet-Cookie: a=b")]
    [InlineData("/portals")]
    [InlineData("/portal@evil.example.com")]
    [InlineData("/v1/balance")]
    [InlineData(" /portal")]
    [InlineData("javascript:alert(1)")]
    public void Anything_else_is_the_portals_home(string? path) => Assert.Equal("/portal", PortalPaths.SafeReturn(path));
}
