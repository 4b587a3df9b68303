using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using ServerlessImages.OpenTelemetry;
using ServerlessImages.Tests.Adapters.AzureOpenAI;
using ServerlessImages.Tests.Api;

namespace ServerlessImages.Tests.Observability;

/// <summary>Where telemetry goes: to whom the settings name, and nowhere else.</summary>
[Collection(MeasuredAlone.Name)]
public sealed class ExportTests
{
    [Fact]
    public async Task Without_a_place_to_send_to_nothing_is_collected()
    {
        await using var product = await Product.StartAsync();

        Assert.Null(product.Local.Services.GetService<TracerProvider>());
        Assert.Null(product.Local.Services.GetService<MeterProvider>());
        Assert.Equal((false, false), (Telemetry.Requests.Enabled, Telemetry.Source.HasListeners()));
    }

    [Fact]
    public async Task A_collector_gets_traces_metrics_and_logs()
    {
        await using var collector = await UpstreamStub.StartAsync(_ => Task.CompletedTask, TestContext.Current.CancellationToken);
        await using (var product = await Product.StartAsync(null, ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.Address.AbsoluteUri), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf")))
        {
            using var failed = await (await product.CustomerAsync()).GenerateAsync("a fox [500]");
        }

        Assert.Contains(collector.Requests, sent => sent.Target == "/v1/traces" && sent.Body.Contains("generate_image gpt-image-2", StringComparison.Ordinal));
        Assert.Contains(collector.Requests, sent => sent.Target == "/v1/metrics" && sent.Body.Contains("serverlessimages.requests", StringComparison.Ordinal) && sent.Body.Contains("http.server.request.duration", StringComparison.Ordinal));
        Assert.Contains(collector.Requests, sent => sent.Target == "/v1/logs" && sent.Body.Contains("upstream_failed", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(null, false, null)]
    [InlineData("", false, null)]
    [InlineData("Authorization=AAD", true, null)]
    [InlineData("ClientId=11111111-2222-3333-4444-555555555555;Authorization=AAD", true, "11111111-2222-3333-4444-555555555555")]
    public void Azure_Monitor_is_asked_as_the_identity_that_is_named(string? text, bool withIdentity, string? clientId)
    {
        var options = new TelemetryOptions { ConnectionString = "InstrumentationKey=1", AuthenticationString = text };

        Assert.Empty(options.Validate(new(options)));
        Assert.Equal((true, withIdentity, clientId), (options.HasAzureMonitor, options.WithIdentity, options.ClientId));
    }
}
