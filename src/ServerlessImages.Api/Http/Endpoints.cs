namespace ServerlessImages.Api.Http;

/// <summary>What an endpoint asks of its caller. An endpoint that says nothing is closed to all.</summary>
internal sealed record EndpointAccess(string? Scope)
{
    public static EndpointAccess Everyone { get; } = new((string?)null);

    public bool IsOpen => Scope is null;
}

/// <summary>A bound of an endpoint's own, below the general one.</summary>
internal sealed record BodyLimit(long BytesMax);

internal static class EndpointExtensions
{
    /// <summary>JSON bodies are small: 32,000 characters of prompt are at most 192 KB however they are escaped.</summary>
    private const long JsonBytesMax = 1024 * 1024;

    public static TBuilder RequireScope<TBuilder>(this TBuilder builder, string scope)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new EndpointAccess(scope));

    public static TBuilder OpenToEveryone<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(EndpointAccess.Everyone);

    public static TBuilder TakeJson<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new BodyLimit(JsonBytesMax));
}
