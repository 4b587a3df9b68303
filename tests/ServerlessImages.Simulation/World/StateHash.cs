namespace ServerlessImages.Simulation.World;

/// <summary>FNV-1a over what happened, in its order.</summary>
internal readonly record struct StateHash(ulong Value)
{
    private const ulong Prime = 0x100000001B3;

    public static StateHash Empty { get; } = new(0xCBF29CE484222325);

    public StateHash With(long number) => new((Value ^ (ulong)number) * Prime);

    public StateHash With(string text) => text.Aggregate(this, (hash, letter) => hash.With(letter));
}
