using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace ServerlessImages.Drawn;

/// <summary>Numbers that a prompt and a variation decide, the same on every machine and in every process: SHA-256 in counter mode.</summary>
internal sealed class PaintingRandom
{
    private readonly byte[] key = new byte[SHA256.HashSizeInBytes + sizeof(int)];
    private readonly byte[] block = new byte[SHA256.HashSizeInBytes];
    private int blocks;
    private int used = SHA256.HashSizeInBytes;

    public PaintingRandom(string prompt, int variation)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(prompt));
        Span<byte> number = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(number, variation);
        hash.AppendData(number);
        hash.GetHashAndReset(key);
    }

    /// <returns>A number from 0 up to and without 1.</returns>
    public float Next()
    {
        if (used == block.Length) Refill();
        var bits = BinaryPrimitives.ReadUInt32LittleEndian(block.AsSpan(used));
        used += sizeof(uint);
        return (bits >> 8) * (1f / (1 << 24));
    }

    public float Between(float low, float high) => low + ((high - low) * Next());

    public bool Chance(float share) => Next() < share;

    public T Pick<T>(IReadOnlyList<T> items) => items[(int)(Next() * items.Count)];

    private void Refill()
    {
        BinaryPrimitives.WriteInt32LittleEndian(key.AsSpan(SHA256.HashSizeInBytes), blocks++);
        SHA256.HashData(key, block);
        used = 0;
    }
}
