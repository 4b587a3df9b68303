using ServerlessImages.Simulation.Scheduling;

namespace ServerlessImages.Simulation.World;

/// <summary>What stores have to know of the history that they are in.</summary>
internal interface IWorld
{
    Scheduler Scheduler { get; }

    /// <summary>From then on nothing fails any more.</summary>
    bool IsAtRest { get; }
}
