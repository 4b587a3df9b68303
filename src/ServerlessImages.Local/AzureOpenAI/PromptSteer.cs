namespace ServerlessImages.Local.AzureOpenAI;

/// <summary>A word in square brackets, anywhere in a prompt, that makes the emulator do what the real service does on a bad day.</summary>
/// <param name="Name">What stands in the brackets, before the colon.</param>
/// <param name="Example">How it is written.</param>
public sealed record PromptSteer(string Name, string Example, string Meaning)
{
    public static PromptSteer Moderated { get; } = new("moderated", "[moderated]", "400 moderation_blocked: the prompt is refused (stage input).");
    public static PromptSteer ModeratedOutput { get; } = new("moderated-output", "[moderated-output]", "moderation_blocked with stage output: 400, or in a stream an error event after the first partial image that was asked for.");
    public static PromptSteer TooManyRequests { get; } = new("429", "[429]", "429 RateLimitReached with retry-after: 7.");
    public static PromptSteer TimedOut { get; } = new("408", "[408]", "408 Timeout, as the gateway cuts a silent stream.");
    public static PromptSteer ServerFailed { get; } = new("500", "[500]", "500 server_error.");
    public static PromptSteer Unavailable { get; } = new("503", "[503]", "503 ServiceUnavailable.");
    public static PromptSteer Blocked { get; } = new("blocked", "[blocked]", "403 Forbidden: the resource itself is blocked for abuse.");
    public static PromptSteer Rejected { get; } = new("400", "[400]", "400 invalid_request_error.");
    public static PromptSteer ErrorInside200 { get; } = new("error-in-200", "[error-in-200]", "200 whose body, or only event, is an error (contentFilter).");
    public static PromptSteer Missing { get; } = new("missing", "[missing:1]", "That many images fewer than asked for, and counted; a stream ends without its completed event.");
    public static PromptSteer Corrupt { get; } = new("corrupt", "[corrupt:1]", "That many images, from the first on, are base64 of something that is no image.");
    public static PromptSteer BadBase64 { get; } = new("badbase64", "[badbase64:1]", "That many images, from the first on, are not base64.");
    public static PromptSteer Truncated { get; } = new("truncated", "[truncated]", "Every image is cut in half.");
    public static PromptSteer NoUsage { get; } = new("no-usage", "[no-usage]", "The answer has no usage.");
    public static PromptSteer HugeUsage { get; } = new("huge-usage", "[huge-usage]", "The usage is a hundred times too high.");
    public static PromptSteer Reset { get; } = new("reset", "[reset]", "The connection breaks in the middle of the body.");
    public static PromptSteer HalfBody { get; } = new("half", "[half]", "The body ends in its middle, as if it were whole.");
    public static PromptSteer Dropped { get; } = new("drop", "[drop]", "The connection breaks before any answer.");
    public static PromptSteer Stalled { get; } = new("stall", "[stall]", "Half of the body comes, and then nothing more until the caller leaves.");
    public static PromptSteer Drips { get; } = new("drip", "[drip:20]", "The body comes in 20 pieces, with that many milliseconds between.");
    public static PromptSteer Slow { get; } = new("slow", "[slow:500]", "Takes that many milliseconds longer.");
    public static PromptSteer ExtraPartial { get; } = new("extra-partial", "[extra-partial]", "A stream has one partial image more than was asked for, and counts its 100 tokens.");

    /// <summary>Every steer, in the order of the documentation.</summary>
    public static IReadOnlyList<PromptSteer> All { get; } =
    [
        Moderated, ModeratedOutput, TooManyRequests, TimedOut, ServerFailed, Unavailable, Blocked, Rejected, ErrorInside200,
        Missing, Corrupt, BadBase64, Truncated, NoUsage, HugeUsage, Reset, HalfBody, Dropped, Stalled, Drips, Slow, ExtraPartial,
    ];
}
