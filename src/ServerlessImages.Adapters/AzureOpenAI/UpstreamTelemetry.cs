using System.Diagnostics;
using ServerlessImages.Deployments;
using ServerlessImages.Images;
using ServerlessImages.Pricing;

namespace ServerlessImages.AzureOpenAI;

/// <summary>One call to a deployment, measured as OpenTelemetry's conventions for generative AI say; what was asked for and drawn is no part of it.</summary>
internal static class UpstreamTelemetry
{
    private const string TokenType = "gen_ai.token.type";

    public static Activity? Start(ImageCall call, AzureOpenAIDeploymentOptions deployment)
    {
        if (!Telemetry.Source.HasListeners()) return null;
        var span = Telemetry.Source.StartActivity($"{OperationOf(call)} {call.Request.Model.Id}", ActivityKind.Client);
        foreach (var (name, value) in Attributes(call, deployment)) span?.SetTag(name, value);
        span?.SetTag("server.port", deployment.Endpoint!.Port).SetTag("request.id", call.RequestId);
        foreach (var (name, value) in Places(deployment))
        {
            if (value.Length > 0) span?.SetTag(name, value);
        }

        return span;
    }

    public static void End(Activity? span, ImageCall call, AzureOpenAIDeploymentOptions deployment, Attempt attempt, TimeSpan duration)
    {
        var attributes = Attributes(call, deployment);
        span?.SetTag("attempt.end", attempt.End.ToString().ToLowerInvariant());
        if (attempt.Result.TryGet(out var images, out var error))
        {
            if (images.Usage is { } usage) Count(span, usage, attributes);
        }
        else
        {
            attributes.Add("error.type", error.Code);
            span?.SetTag("error.type", error.Code).SetStatus(ActivityStatusCode.Error);
        }

        Telemetry.UpstreamDuration.Record(duration.TotalSeconds, attributes);
    }

    /// <summary>403 is the resource's answer to everybody, whatever the call: an abuse block, a lost role, a firewall.</summary>
    public static void Blocked(AzureOpenAIDeploymentOptions deployment) => Telemetry.UpstreamBlocked.Add(
        1,
        KeyValuePair.Create<string, object?>("deployment", deployment.Name),
        KeyValuePair.Create<string, object?>("server.address", deployment.Endpoint!.Host));

    private static void Count(Activity? span, TokenUsage usage, TagList attributes)
    {
        span?.SetTag("gen_ai.usage.input_tokens", usage.Input).SetTag("gen_ai.usage.output_tokens", usage.Output);
        attributes.Add(TokenType, "input");
        Telemetry.UpstreamTokens.Record(usage.Input, attributes);
        attributes[^1] = new(TokenType, "output");
        Telemetry.UpstreamTokens.Record(usage.Output, attributes);
    }

    private static TagList Attributes(ImageCall call, AzureOpenAIDeploymentOptions deployment) =>
    [
        new("gen_ai.operation.name", OperationOf(call)),
        new("gen_ai.provider.name", "azure.ai.openai"),
        new("gen_ai.request.model", call.Request.Model.Id),
        new("server.address", deployment.Endpoint!.Host),
        new("deployment", deployment.Name),
    ];

    private static (string Name, string Value)[] Places(AzureOpenAIDeploymentOptions deployment) => [("azure.subscription", deployment.Subscription), ("cloud.region", deployment.Region), ("azure.sku", deployment.Sku)];

    private static string OperationOf(ImageCall call) => call.Request.Operation == ImageOperation.Edit ? "edit_image" : "generate_image";
}
