using System.Buffers.Binary;
using System.Globalization;

namespace ServerlessImages;

/// <summary>The one source of randomness: the operating system's in production, a seed's in the simulation.</summary>
public interface IEntropy
{
    void Fill(Span<byte> bytes);
}

public static class EntropyExtensions
{
    /// <summary>A unique id whose ordinal order is the order of <paramref name="now"/>: the prefix, 12 hex digits of Unix milliseconds, 20 random hex digits.</summary>
    public static string NextId(this IEntropy entropy, string prefix, DateTimeOffset now)
    {
        Span<byte> random = stackalloc byte[10];
        entropy.Fill(random);
        return string.Create(CultureInfo.InvariantCulture, $"{prefix}{now.ToUnixTimeMilliseconds():x12}{Convert.ToHexStringLower(random)}");
    }

    /// <returns>A number from 0 up to and without 1.</returns>
    public static double NextFraction(this IEntropy entropy)
    {
        Span<byte> random = stackalloc byte[8];
        entropy.Fill(random);
        return (BinaryPrimitives.ReadUInt64LittleEndian(random) >> 11) * (1.0 / (1UL << 53));
    }
}
