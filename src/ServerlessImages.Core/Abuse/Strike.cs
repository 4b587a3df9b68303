namespace ServerlessImages.Abuse;

/// <summary>Calls of one request that the upstream's content filter refused.</summary>
/// <param name="Calls">How many: each is one that Azure counts against the resource.</param>
/// <param name="Details">What the last one was refused for.</param>
public sealed record Strike(int Calls, ModerationDetails Details);

/// <summary>A strike, and what follows from it for its account's plan.</summary>
public sealed record Refusals(Strike Strike, Ladder Ladder);
