using System.Diagnostics;
using Microsoft.AspNetCore.Http.Features;
using ServerlessImages.Api.Health;

namespace ServerlessImages.Api.Http;

/// <summary>Counts what was answered, and says in the request's span whose it was. The caller's own words are in neither: a route stands for a path, and a model is one that exists.</summary>
internal static class CallTelemetry
{
    /// <summary>In the place of an error code, when nobody was left to be answered.</summary>
    public const string HungUp = "caller_hung_up";

    public static void Ended(HttpContext http, ApiCall call)
    {
        if (http.Features.Get<IHttpActivityFeature>()?.Activity is { IsAllDataRequested: true } span) Describe(span, call);

        // Those who look after the app ask several times a minute.
        if (!Telemetry.Requests.Enabled || http.Request.Path.StartsWithSegments(HealthApi.Path, StringComparison.OrdinalIgnoreCase)) return;
        var attributes = Attributes(http, call);
        attributes.Add("http.response.status_code", http.Response.StatusCode);
        if (call.ErrorCode is { } code) attributes.Add("error.type", code);
        Telemetry.Requests.Add(1, attributes);
    }

    public static void Overhead(HttpContext http, TimeSpan ours)
    {
        if (Telemetry.Overhead.Enabled) Telemetry.Overhead.Record(ours.TotalSeconds, Attributes(http, http.Call()));
    }

    private static TagList Attributes(HttpContext http, ApiCall call)
    {
        var attributes = new TagList();
        if (http.GetEndpoint() is RouteEndpoint endpoint) attributes.Add("http.route", endpoint.RoutePattern.RawText);
        if (call.Model is { } model) attributes.Add("model", model);
        return attributes;
    }

    private static void Describe(Activity span, ApiCall call)
    {
        var (account, key) = call.Who;
        span.SetTag("request.id", call.RequestId);
        if (account.Length > 0) span.SetTag("account.id", account).SetTag("key.id", key);
        if (call.Model is { } model) span.SetTag("model", model);
        if (call.ErrorCode is { } code) span.SetTag("error.type", code);
    }
}
