using ServerlessImages.Simulation.World;

namespace ServerlessImages.Simulation.Plants;

/// <summary>What is called in the copy of this assembly that stands on a Core with a bug.</summary>
public static class PlantedSimulation
{
    /// <summary>One seed after the other until an invariant is violated. Of base types only, as all that is called there.</summary>
    public static (int Seed, string Violation)? FirstViolation(int firstSeed, int seedsMax, bool isOfPayments)
    {
        for (var seed = firstSeed; seed < firstSeed + seedsMax; seed++)
        {
            if (AnyHistory.Run((ulong)seed, isOfPayments).Violation is { } violation) return (seed, violation.ToString());
        }

        return null;
    }
}
