using System.Buffers.Binary;

namespace ServerlessImages.Simulation.Scheduling;

/// <summary>A process's randomness. What is long enough for an id begins with the process's number, so that every id and token says who made it.</summary>
internal sealed class SeededEntropy(SeededRandom random, int process) : IEntropy
{
    private const int IdBytes = 10;

    public void Fill(Span<byte> bytes)
    {
        for (var index = 0; index < bytes.Length; index++) bytes[index] = (byte)random.Next();
        if (bytes.Length == IdBytes) BinaryPrimitives.WriteUInt16BigEndian(bytes, checked((ushort)process));
    }

    /// <returns>Which process made an id or a token of the form of <see cref="EntropyExtensions.NextId"/>.</returns>
    public static int ProcessOf(string id) => Convert.ToInt32(id[^(2 * IdBytes)..^((2 * IdBytes) - 4)], 16);
}
