using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Configuration;

namespace ServerlessImages.OpenTelemetry;

/// <summary>Where traces, metrics and logs go, under the names that OpenTelemetry and Azure gave these settings. Both at once is fine; neither, and nothing is collected.</summary>
public sealed class TelemetryOptions : IValidatableObject
{
    private const string ClientIdPrefix = "ClientId=";

    /// <summary>The address of an OpenTelemetry collector. Further <c>OTEL_EXPORTER_OTLP_…</c> settings, such as the protocol, are read by the exporter itself.</summary>
    /// <value>No default.</value>
    [ConfigurationKeyName("OTEL_EXPORTER_OTLP_ENDPOINT")]
    public string? OtlpEndpoint { get; init; }

    /// <summary>Of Application Insights.</summary>
    /// <value>No default. Source: output of <c>infra/main.bicep</c>.</value>
    [ConfigurationKeyName("APPLICATIONINSIGHTS_CONNECTION_STRING")]
    public string? ConnectionString { get; init; }

    /// <summary><c>Authorization=AAD</c>, with <c>ClientId={id};</c> before it for a user-assigned identity. Without it the connection string is all the permission that is needed.</summary>
    /// <value>No default. Source: learn.microsoft.com, "App settings reference for Azure Functions".</value>
    [ConfigurationKeyName("APPLICATIONINSIGHTS_AUTHENTICATION_STRING")]
    public string? AuthenticationString { get; init; }

    internal bool HasOtlp => !string.IsNullOrWhiteSpace(OtlpEndpoint);

    internal bool HasAzureMonitor => !string.IsNullOrWhiteSpace(ConnectionString);

    internal bool WithIdentity => Parts.Contains("Authorization=AAD", StringComparer.OrdinalIgnoreCase);

    internal string? ClientId => Parts.FirstOrDefault(part => part.StartsWith(ClientIdPrefix, StringComparison.OrdinalIgnoreCase))?[ClientIdPrefix.Length..];

    private string[] Parts => (AuthenticationString ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (HasOtlp && !IsAddress(OtlpEndpoint)) yield return new ValidationResult("OTEL_EXPORTER_OTLP_ENDPOINT is an absolute http or https address, such as http://localhost:4317.");
        if (HasAzureMonitor && !ConnectionString!.Contains("InstrumentationKey=", StringComparison.OrdinalIgnoreCase)) yield return new ValidationResult("APPLICATIONINSIGHTS_CONNECTION_STRING has no InstrumentationKey.");
        if (Parts.Length > 0 && !WithIdentity) yield return new ValidationResult("APPLICATIONINSIGHTS_AUTHENTICATION_STRING is Authorization=AAD, or ClientId={id};Authorization=AAD.");
    }

    private static bool IsAddress(string? text) => Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https";
}
