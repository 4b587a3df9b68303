namespace ServerlessImages.Api.Health;

/// <summary>Why the app is not ready.</summary>
/// <param name="Check">Which check found it: see <c>docs/operating.md</c>.</param>
/// <param name="Detail">In fixed words: the causes themselves are in the log.</param>
internal sealed record Problem(string Check, string Detail);
