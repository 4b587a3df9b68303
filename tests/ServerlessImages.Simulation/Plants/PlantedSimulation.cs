using ServerlessImages.Simulation.World;

namespace ServerlessImages.Simulation.Plants;

/// <summary>What is called in the copy of this assembly that stands on a Core with a bug.</summary>
public static class PlantedSimulation
{
    /// <summary>Seeds 1, 2, 3, … until an invariant is violated.</summary>
    /// <returns>The seed and the violation, or null.</returns>
    public static string? FirstViolation(int seedsMax, bool isOfPayments)
    {
        for (var seed = 1; seed <= seedsMax; seed++)
        {
            if (AnyHistory.Run((ulong)seed, isOfPayments).Violation is { } violation) return $"seed {seed}: {violation}";
        }

        return null;
    }
}
