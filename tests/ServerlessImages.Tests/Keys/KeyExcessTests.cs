using ServerlessImages.Keys;

namespace ServerlessImages.Tests.Keys;

/// <summary>No key gives out what it does not have.</summary>
public sealed class KeyExcessTests
{
    private static readonly ApiKey Narrow = new("key", "acct_1", true, "", 1, [Scope.KeysManage, Scope.UsageRead], Sample.Now, Sample.Now.AddDays(1), false)
    {
        Models = ["gpt-image-2"],
        Addresses = [Range("203.0.113.0/24")],
    };

    [Fact]
    public void A_key_may_give_what_it_has()
    {
        Assert.Null(Narrow.ExcessOf(livemode: true, Narrow.Terms));
        Assert.Null(Narrow.ExcessOf(livemode: false, Narrow.Terms with { Scopes = [Scope.UsageRead], ExpiresAt = Sample.Now.AddHours(1), Addresses = [Range("203.0.113.7")] }));
    }

    [Fact]
    public void Whatever_goes_beyond_it_is_named()
    {
        Assert.Equal("scopes", Narrow.ExcessOf(true, Narrow.Terms with { Scopes = [Scope.UsageRead, Scope.ImagesGenerate] }));
        Assert.Equal("expires_at", Narrow.ExcessOf(true, Narrow.Terms with { ExpiresAt = null }));
        Assert.Equal("expires_at", Narrow.ExcessOf(true, Narrow.Terms with { ExpiresAt = Sample.Now.AddDays(2) }));
        Assert.Equal("models", Narrow.ExcessOf(true, Narrow.Terms with { Models = [] }));
        Assert.Equal("models", Narrow.ExcessOf(true, Narrow.Terms with { Models = ["gpt-image-2", "gpt-image-1.5"] }));
        Assert.Equal("addresses", Narrow.ExcessOf(true, Narrow.Terms with { Addresses = [] }));
        Assert.Equal("addresses", Narrow.ExcessOf(true, Narrow.Terms with { Addresses = [Range("203.0.112.0/23")] }));
        Assert.Equal("livemode", (Narrow with { Livemode = false }).ExcessOf(true, Narrow.Terms));
    }

    private static AddressRange Range(string text) => AddressRange.TryParse(text, out var range) ? range : throw new ArgumentException(text, nameof(text));
}
