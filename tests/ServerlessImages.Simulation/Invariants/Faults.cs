using ServerlessImages.Billing;
using ServerlessImages.Ledger;
using ServerlessImages.Simulation.World;
using ServerlessImages.Storage;

namespace ServerlessImages.Simulation.Invariants;

/// <summary>Which exceptions the simulated world causes. Any other that comes out of Core is a bug in it.</summary>
internal static class Faults
{
    private static readonly string[] Names = [nameof(CollectorUnavailableException), nameof(LedgerUnavailableException), nameof(StoreUnavailableException), nameof(WriteFateUnknownException), nameof(SimulatedFaultException)];

    public static bool IsSimulated(Exception cause) => cause is CollectorUnavailableException or LedgerUnavailableException or StoreUnavailableException or WriteFateUnknownException or SimulatedFaultException;

    /// <param name="text">Of an exception, beginning with its type.</param>
    public static bool IsSimulated(string text) => Names.Any(name => text.Split(':')[0].EndsWith(name, StringComparison.Ordinal));
}
