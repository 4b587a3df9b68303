namespace ServerlessImages.Tests;

/// <summary>A clock that goes like every other, and is ahead of them; or behind.</summary>
internal sealed class AheadClock : TimeProvider
{
    public TimeSpan Ahead { get; set; }

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Ahead;
}
