using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;
using Microsoft.Extensions.DependencyInjection;
using ServerlessImages.Keys;

namespace ServerlessImages.Identity;

/// <summary>Encrypts the key ring under the newest pepper (AES-256-GCM), so that a copy of the blobs makes nobody somebody else.</summary>
/// <remarks>When a pepper is gone, the keys under it are too, and people sign in again.</remarks>
internal sealed class PepperXmlEncryptor(Peppers peppers) : IXmlEncryptor
{
    internal const string Purpose = "dataprotection";
    internal const int TagBytes = 16;

    public EncryptedXmlInfo Encrypt(XElement plaintextElement)
    {
        var plain = Encoding.UTF8.GetBytes(plaintextElement.ToString(SaveOptions.DisableFormatting));
        var nonce = RandomNumberGenerator.GetBytes(AesGcm.NonceByteSizes.MaxSize);
        var (sealedBytes, tag) = (new byte[plain.Length], new byte[TagBytes]);
        using var aes = new AesGcm(peppers.Derive(Purpose, peppers.Current)!, TagBytes);
        aes.Encrypt(nonce, plain, sealedBytes, tag);
        var element = new XElement(
            "sealed",
            new XAttribute("pepper", peppers.Current.ToString(CultureInfo.InvariantCulture)),
            Convert.ToBase64String([.. nonce, .. tag, .. sealedBytes]));
        return new EncryptedXmlInfo(element, typeof(PepperXmlDecryptor));
    }
}

/// <summary>Made by the framework, from the name in the stored key.</summary>
internal sealed class PepperXmlDecryptor(IServiceProvider services) : IXmlDecryptor
{
    public XElement Decrypt(XElement encryptedElement)
    {
        var version = int.Parse(encryptedElement.Attribute("pepper")!.Value, CultureInfo.InvariantCulture);
        var key = services.GetRequiredService<Peppers>().Derive(PepperXmlEncryptor.Purpose, version) ?? throw new CryptographicException($"The pepper {version} is gone.");
        var bytes = Convert.FromBase64String(encryptedElement.Value);
        var nonceBytes = AesGcm.NonceByteSizes.MaxSize;
        var plain = new byte[bytes.Length - nonceBytes - PepperXmlEncryptor.TagBytes];
        using var aes = new AesGcm(key, PepperXmlEncryptor.TagBytes);
        aes.Decrypt(bytes.AsSpan(0, nonceBytes), bytes.AsSpan(nonceBytes + PepperXmlEncryptor.TagBytes), bytes.AsSpan(nonceBytes, PepperXmlEncryptor.TagBytes), plain);
        return XElement.Parse(Encoding.UTF8.GetString(plain));
    }
}
