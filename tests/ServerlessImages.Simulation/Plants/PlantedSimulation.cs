using ServerlessImages.Simulation.Deliveries;
using ServerlessImages.Simulation.World;

namespace ServerlessImages.Simulation.Plants;

/// <summary>What is called in the copy of this assembly that stands on a Core with a bug.</summary>
public static class PlantedSimulation
{
    /// <summary>Seeds 1, 2, 3, … until an invariant is violated.</summary>
    /// <returns>The seed and the violation, or null.</returns>
    public static string? FirstViolation(int seedsMax, bool isOfPayments) => First(seedsMax, seed => AnyHistory.Run(seed, isOfPayments));

    /// <summary>The same of histories of deliveries.</summary>
    public static string? FirstViolationOfDeliveries(int seedsMax) => First(seedsMax, seed => DeliveriesHistory.Run(seed));

    private static string? First(int seedsMax, Func<ulong, HistoryOutcome> run)
    {
        for (var seed = 1; seed <= seedsMax; seed++)
        {
            if (run((ulong)seed).Violation is { } violation) return $"seed {seed}: {violation}";
        }

        return null;
    }
}
