namespace ServerlessImages.Local.AzureOpenAI;

/// <summary>Which resources are blocked: those whose content filter refused too many calls in a window, whoever sent them.</summary>
internal sealed class Resources(AzureOpenAIEmulatorOptions options)
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, Queue<DateTimeOffset>> refusals = [];
    private readonly Dictionary<string, DateTimeOffset> blockedUntil = [];

    public bool IsBlocked(string resource)
    {
        lock (gate) return blockedUntil.TryGetValue(resource, out var until) && options.Time.GetUtcNow() < until;
    }

    public void Block(string resource, TimeSpan duration)
    {
        lock (gate) blockedUntil[resource] = options.Time.GetUtcNow() + duration;
    }

    public void CountRefusal(string resource)
    {
        if (options.RefusalsUntilBlocked == 0) return;
        lock (gate)
        {
            var now = options.Time.GetUtcNow();
            if (!refusals.TryGetValue(resource, out var recent)) refusals[resource] = recent = new();
            recent.Enqueue(now);
            while (recent.Peek() <= now - options.BlockWindow) recent.Dequeue();
            if (recent.Count >= options.RefusalsUntilBlocked) blockedUntil[resource] = now + options.BlockedFor;
        }
    }

    /// <summary>How many calls of a resource were refused lately.</summary>
    public int Refusals(string resource)
    {
        lock (gate) return refusals.GetValueOrDefault(resource)?.Count ?? 0;
    }
}
