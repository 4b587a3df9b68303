using System.Globalization;
using System.Text.RegularExpressions;

namespace ServerlessImages.Local.AzureOpenAI;

/// <summary>The steers that a prompt has, each with its number.</summary>
internal sealed partial class Steering
{
    private readonly Dictionary<string, int> numbers = [];

    public Steering(string prompt)
    {
        foreach (Match match in Bracketed().Matches(prompt))
        {
            var number = match.Groups["number"];
            numbers[match.Groups["name"].Value] = number.Success ? int.Parse(number.ValueSpan, CultureInfo.InvariantCulture) : 1;
        }
    }

    /// <summary>Whether the prompt says how the call goes.</summary>
    public bool IsAny => numbers.Count > 0;

    /// <summary>Whether the content filter refuses what is asked for or drawn: what Azure counts against a resource.</summary>
    public bool IsRefusedByFilter => Has(PromptSteer.Moderated) || Has(PromptSteer.ModeratedOutput) || Has(PromptSteer.ErrorInside200);

    public void Add(PromptSteer steer) => numbers[steer.Name] = 1;

    public bool Has(PromptSteer steer) => numbers.ContainsKey(steer.Name);

    /// <returns>The number behind the colon, 1 without one, 0 if the steer is absent.</returns>
    public int Number(PromptSteer steer) => numbers.GetValueOrDefault(steer.Name);

    /// <summary>What the call is refused with before anything is drawn, or null.</summary>
    public UpstreamError? Refusal(bool stream) =>
        Refusals.Where(refusal => Has(refusal.Steer)).Select(refusal => refusal.Error).FirstOrDefault()
        ?? (Has(PromptSteer.ModeratedOutput) && !stream ? UpstreamError.Moderated("output") : null);

    private static readonly (PromptSteer Steer, UpstreamError Error)[] Refusals =
    [
        (PromptSteer.Moderated, UpstreamError.Moderated("input")),
        (PromptSteer.TooManyRequests, UpstreamError.RateLimited(retryAfterSeconds: 7)),
        (PromptSteer.TimedOut, UpstreamError.TimedOut),
        (PromptSteer.ServerFailed, UpstreamError.ServerFailed),
        (PromptSteer.Unavailable, UpstreamError.Unavailable),
        (PromptSteer.Blocked, UpstreamError.Blocked),
        (PromptSteer.Rejected, UpstreamError.Rejected),
    ];

    [GeneratedRegex(@"\[(?<name>[a-z0-9-]+)(?::(?<number>[0-9]{1,6}))?\]", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Bracketed();
}
