using System.Numerics;

namespace ServerlessImages.Simulation.Scheduling;

/// <summary>SplitMix64: the whole randomness of a history follows from its seed, on every platform and in every version of the framework.</summary>
internal sealed class SeededRandom(ulong seed)
{
    private ulong state = seed * 0x9E3779B97F4A7C15;

    public ulong Next()
    {
        state += 0x9E3779B97F4A7C15;
        var mixed = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return mixed ^ (mixed >> 31);
    }

    /// <returns>From 0 up to and without 1.</returns>
    public double Fraction() => (Next() >> 11) * (1.0 / (1UL << 53));

    /// <returns>From <paramref name="least"/> to <paramref name="most"/>, both included.</returns>
    public int Between(int least, int most) => least + (int)(Next() % (ulong)(most - least + 1));

    public TimeSpan Between(TimeSpan least, TimeSpan most) => least + ((most - least) * Fraction());

    public TimeSpan UpTo(TimeSpan most) => most * Fraction();

    public bool Chance(double probability) => Fraction() < probability;

    public T Pick<T>(IReadOnlyList<T> choices) => choices[Between(0, choices.Count - 1)];

    /// <summary>Mostly short, sometimes many times as long: what a network is like.</summary>
    public TimeSpan Exponential(TimeSpan mean) => mean * -Math.Log(1 - Fraction());

    /// <summary>A seed for a part of the world, so that what one part draws does not move what another draws.</summary>
    public ulong Fork() => BitOperations.RotateLeft(Next(), 17);
}
