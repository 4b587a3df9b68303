namespace ServerlessImages.Simulation;

/// <summary>What the invariants say of one history. Only the first violation counts: what comes after it may be its consequence.</summary>
internal sealed class Verdict
{
    public Violation? Violation { get; private set; }

    public bool HasFailed => Violation is not null;

    /// <summary>Noted, not thrown: the code under test catches what it does not know.</summary>
    public void Fail(string invariant, string message) => Violation ??= new Violation(invariant, message);
}

/// <param name="Invariant">Its name, as in the list that it stands in.</param>
public sealed record Violation(string Invariant, string Message)
{
    public override string ToString() => $"{Invariant}: {Message}";
}
