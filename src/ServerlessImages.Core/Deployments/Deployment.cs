namespace ServerlessImages.Deployments;

/// <summary>One image deployment, as the pool sees it.</summary>
/// <param name="Name">The operator's own, unique.</param>
/// <param name="Model">The public id of the model that it serves.</param>
/// <param name="Priority">Lower ones are taken first, as long as one of them is free.</param>
/// <param name="RequestsPerMinute">What its quota lets in, in any 60 seconds; null if the operator does not say.</param>
public sealed record Deployment(string Name, string Model, int Priority, int? RequestsPerMinute)
{
    /// <summary>Which resource it is in: what blocks one deployment of it blocks all; "" where that is not known.</summary>
    public string Resource { get; init; } = "";

    /// <summary>It draws for accounts on probation and for nobody else: should their prompts get its resource blocked, the others do not notice.</summary>
    public bool IsQuarantine { get; init; }
}
