namespace ServerlessImages.Api.Operators;

/// <summary>The role of the directory's application that an endpoint of the operator API asks for. No API key opens it.</summary>
internal sealed record OperatorAccess(string Role)
{
    public const string Read = "Operator.Read";
    public const string Write = "Operator.Write";
}

internal static class OperatorAccessExtensions
{
    public static TBuilder RequireOperator<TBuilder>(this TBuilder builder, string role)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new OperatorAccess(role));
}
