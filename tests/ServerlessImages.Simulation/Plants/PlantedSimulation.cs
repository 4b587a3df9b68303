using ServerlessImages.Simulation.Deliveries;
using ServerlessImages.Simulation.World;

namespace ServerlessImages.Simulation.Plants;

/// <summary>What is called in the copy of this assembly that stands on a Core with a bug.</summary>
public static class PlantedSimulation
{
    /// <summary>One seed after the other until an invariant is violated. Of base types only, as all that is called there.</summary>
    public static (int Seed, string Violation)? FirstViolation(int firstSeed, int seedsMax, bool isOfPayments) => First(firstSeed, seedsMax, seed => AnyHistory.Run(seed, isOfPayments));

    /// <summary>The same of histories of deliveries.</summary>
    public static (int Seed, string Violation)? FirstViolationOfDeliveries(int firstSeed, int seedsMax) => First(firstSeed, seedsMax, seed => DeliveriesHistory.Run(seed));

    private static (int Seed, string Violation)? First(int firstSeed, int seedsMax, Func<ulong, HistoryOutcome> run)
    {
        for (var seed = firstSeed; seed < firstSeed + seedsMax; seed++)
        {
            if (run((ulong)seed).Violation is { } violation) return (seed, violation.ToString());
        }

        return null;
    }
}
