using System.Security.Cryptography;

namespace ServerlessImages.Api.Setup;

internal sealed class SystemEntropy : IEntropy
{
    public void Fill(Span<byte> bytes) => RandomNumberGenerator.Fill(bytes);
}
