namespace ServerlessImages.Api.Http;

/// <summary>What an endpoint asks of its caller. An endpoint that says nothing is closed to all.</summary>
/// <param name="Scopes">Any of them lets the caller in; none are needed where there are none.</param>
internal sealed record EndpointAccess(IReadOnlyList<string> Scopes)
{
    public static EndpointAccess Everyone { get; } = new([]);

    public bool IsOpen => Scopes.Count == 0;

    /// <summary>Closed to test keys, whatever their scopes.</summary>
    public bool IsOfRealMoney { get; init; }
}

/// <summary>A bound of an endpoint's own, below the general one.</summary>
internal sealed record BodyLimit(long BytesMax);

/// <summary>How long anyone may keep a good answer. Metadata of an endpoint, or a feature of a request. Without this: not at all.</summary>
internal sealed record AnswerLifetime(TimeSpan Time);

internal static class EndpointExtensions
{
    /// <summary>JSON bodies are small: 32,000 characters of prompt are at most 192 KB however they are escaped.</summary>
    private const long JsonBytesMax = 1024 * 1024;

    /// <param name="scopes">Any of them suffices.</param>
    public static TBuilder RequireScope<TBuilder>(this TBuilder builder, params string[] scopes)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new EndpointAccess(scopes));

    /// <summary>The same, and only for live keys: it moves real money, or tells of it.</summary>
    /// <inheritdoc cref="RequireScope"/>
    public static TBuilder RequireLiveScope<TBuilder>(this TBuilder builder, params string[] scopes)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new EndpointAccess(scopes) { IsOfRealMoney = true });

    public static TBuilder OpenToEveryone<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(EndpointAccess.Everyone);

    public static TBuilder TakeJson<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new BodyLimit(JsonBytesMax));

    public static TBuilder MayBeKept<TBuilder>(this TBuilder builder, TimeSpan time)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new AnswerLifetime(time));
}
