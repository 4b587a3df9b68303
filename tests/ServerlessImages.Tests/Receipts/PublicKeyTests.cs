using System.Text;
using ServerlessImages.Receipts;

namespace ServerlessImages.Tests.Receipts;

/// <summary>What strangers rely on: a key's name and the form of a signed text are those of the standards.</summary>
public sealed class PublicKeyTests
{
    /// <summary>The key and its thumbprint in RFC 9449, sections 4.1 and 6.1.</summary>
    [Fact]
    public void A_key_is_named_by_its_RFC_7638_thumbprint()
    {
        var key = new PublicKey("l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs", "9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA");

        Assert.Equal("0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I", key.Thumbprint);
    }

    /// <summary>Encoded with Python's <c>base64</c>.</summary>
    [Fact]
    public void What_is_signed_is_the_header_and_the_payload_in_base64url_with_a_dot_between()
    {
        var signed = "";
        var jws = CompactJws.Write("k", Encoding.UTF8.GetBytes("""{"a":"ü?>"}"""), bytes =>
        {
            signed = Encoding.ASCII.GetString(bytes);
            return [0xfb, 0xff, 1];
        });

        Assert.Equal("eyJhbGciOiJFUzI1NiIsImtpZCI6ImsiLCJ0eXAiOiJyZWNlaXB0K2p3dCJ9.eyJhIjoiw7w_PiJ9", signed);
        Assert.Equal(signed + ".-_8B", jws);
    }
}
