using Azure.Core;
using Azure.Identity;
using Azure.Monitor.OpenTelemetry.Exporter;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using OpenTelemetry;
using OpenTelemetry.Instrumentation.AspNetCore;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace ServerlessImages.OpenTelemetry;

public static class TelemetryRegistration
{
    /// <summary>Collects and exports, as <see cref="TelemetryOptions"/> says. Call it when all settings are there: where none asks for it, nothing is even loaded.</summary>
    public static void AddTelemetry(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<TelemetryOptions>().Bind(builder.Configuration).ValidateDataAnnotations().ValidateOnStart();
        var options = builder.Configuration.Get<TelemetryOptions>() ?? new TelemetryOptions();

        // Wrong settings are named by the validation at start; exporters would throw before it.
        if (options.Validate(new(options)).Any() || !(options.HasOtlp || options.HasAzureMonitor)) return;

        var telemetry = Collect(builder);
        if (options.HasOtlp) telemetry.UseOtlpExporter();
        if (options.HasAzureMonitor) UseAzureMonitor(builder, telemetry, options);
    }

    private static OpenTelemetryBuilder Collect(WebApplicationBuilder builder)
    {
        builder.Services.Configure<AspNetCoreTraceInstrumentationOptions>(RequestSpans.Configure);
        return builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.Clear().AddService(Telemetry.Name).AddTelemetrySdk().AddEnvironmentVariableDetector())
            .WithTracing(tracing => tracing.AddAspNetCoreInstrumentation().AddSource(Telemetry.Name))
            .WithMetrics(metrics => metrics.AddMeter(Telemetry.Name, "Microsoft.AspNetCore.Hosting", "System.Runtime"))
            .WithLogging(configureBuilder: null, logs => logs.IncludeFormattedMessage = true);
    }

    private static void UseAzureMonitor(WebApplicationBuilder builder, OpenTelemetryBuilder telemetry, TelemetryOptions options)
    {
        telemetry.UseAzureMonitorExporter(exporter =>
        {
            exporter.ConnectionString = options.ConnectionString;
            exporter.Credential = options.WithIdentity ? Credential(options.ClientId) : null;

            // A connection of its own, and counters that the runtime's meter has already.
            exporter.EnableLiveMetrics = false;
            exporter.EnablePerformanceCounters = false;
        });

        // The Functions host sends what stands on the console to the same place: only what must not get lost goes both ways.
        builder.Logging.AddFilter<ConsoleLoggerProvider>(category: null, LogLevel.Warning);
    }

    private static TokenCredential Credential(string? clientId) => string.IsNullOrWhiteSpace(clientId)
        ? new DefaultAzureCredential()
        : new ManagedIdentityCredential(ManagedIdentityId.FromUserAssignedClientId(clientId));
}
