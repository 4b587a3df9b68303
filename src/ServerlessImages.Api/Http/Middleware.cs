using System.Globalization;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using ServerlessImages.Api.Operators;
using ServerlessImages.Api.Portal;
using ServerlessImages.Billing;
using ServerlessImages.Keys;
using ServerlessImages.Ledger;
using ServerlessImages.Storage;

namespace ServerlessImages.Api.Http;

/// <summary>Gives each request its id and its headers, and turns faults into one fixed answer.</summary>
internal sealed partial class CallMiddleware(RequestDelegate next, ErrorWriter errors, SecurityHeaders security, IEntropy entropy, TimeProvider clock, ILogger<CallMiddleware> logger)
{
    /// <summary>Whoever may keep an answer that long need not ask whether it is still the same.</summary>
    private static readonly TimeSpan AYear = TimeSpan.FromDays(365);

    public async Task InvokeAsync(HttpContext http)
    {
        var call = new ApiCall(entropy.NextId("req_", clock.GetUtcNow()), clock.GetTimestamp());
        http.Features.Set(call);
        http.Response.OnStarting(() => AddHeaders(http, call));
        try
        {
            await next(http);
        }
        catch (Exception cause) when (cause is OperationCanceledException or IOException && http.RequestAborted.IsCancellationRequested)
        {
            // The caller has gone, and nobody is left to answer.
            call.ErrorCode ??= CallTelemetry.HungUp;
        }
        catch (Exception cause) when (!http.Response.HasStarted)
        {
            // The one place where a fault becomes an answer: its text stays in the log.
            if (cause is not BadHttpRequestException and not BodyTooLargeException) Log.Failed(logger, call.RequestId, cause);
            await errors.WriteAsync(http, ErrorOf(cause));
        }
        finally
        {
            CallTelemetry.Ended(http, call);
        }
    }

    internal static ApiError ErrorOf(Exception cause) => cause switch
    {
        BodyTooLargeException tooLarge => ApiError.BodyTooLarge(tooLarge.BytesMax),
        BadHttpRequestException => ApiError.InvalidJson,
        StoreUnavailableException or WriteFateUnknownException or LedgerUnavailableException => ApiError.StorageUnavailable,
        CollectorUnavailableException => ApiError.BillingUnavailable,
        _ => ApiError.ServerError,
    };

    private Task AddHeaders(HttpContext http, ApiCall call)
    {
        var headers = http.Response.Headers;
        headers["x-request-id"] = call.RequestId;
        security.AddTo(http);
        headers.CacheControl = CacheControlOf(http);
        return Task.CompletedTask;
    }

    private static string CacheControlOf(HttpContext http) =>
        http.Response.StatusCode == StatusCodes.Status200OK && (http.Features.Get<AnswerLifetime>() ?? http.GetEndpoint()?.Metadata.GetMetadata<AnswerLifetime>()) is { } kept
            ? string.Create(CultureInfo.InvariantCulture, $"public, max-age={kept.Time.TotalSeconds:0}{(kept.Time >= AYear ? ", immutable" : "")}")
            : "no-store";

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Error, Message = "{RequestId} failed.")]
        public static partial void Failed(ILogger logger, string requestId, Exception cause);
    }
}

/// <summary>Sets the caller or the operator, or refuses. An endpoint without access metadata is closed; of pages, <see cref="PortalGate"/> decides.</summary>
internal sealed class AccessMiddleware(RequestDelegate next, ErrorWriter errors, Authenticate authenticate, ClientAddress address, OperatorTokens operators)
{
    private const string Bearer = "Bearer ";

    public async Task InvokeAsync(HttpContext http)
    {
        // Routing's own endpoint for a wrong method is no route: it only says 405, as no endpoint says 404.
        var endpoint = http.GetEndpoint() as RouteEndpoint;
        var access = endpoint?.Metadata.GetMetadata<EndpointAccess>();
        if (endpoint is null || access is { IsOpen: true } || endpoint.IsPage())
        {
            await next(http);
            return;
        }

        if (endpoint.Metadata.GetMetadata<OperatorAccess>() is { } desk) await AdmitOperatorAsync(http, desk);
        else await AdmitCallerAsync(http, access);
    }

    private async Task AdmitOperatorAsync(HttpContext http, OperatorAccess desk)
    {
        var result = await operators.ReadAsync(http.Request, desk.Role, http.RequestAborted);
        if (!result.TryGet(out var who, out var error))
        {
            await errors.WriteAsync(http, error);
            return;
        }

        http.Call().Operator = who;
        await next(http);
    }

    private async Task AdmitCallerAsync(HttpContext http, EndpointAccess? access)
    {
        var result = await authenticate.RunAsync(KeyOf(http.Request), address.Of(http.Request), http.RequestAborted);
        if (!result.TryGet(out var caller, out var error))
        {
            await errors.WriteAsync(http, error);
            return;
        }

        http.Call().Caller = caller;
        if (RefusalOf(caller, access) is { } refusal) await errors.WriteAsync(http, refusal);
        else await next(http);
    }

    private static ApiError? RefusalOf(Caller caller, EndpointAccess? access)
    {
        if (access is null || !access.Scopes.Intersect(caller.Key.Scopes).Any()) return ApiError.MissingScope(access?.Scopes[0] ?? "none");
        return access.IsOfRealMoney && !caller.Key.Livemode ? ApiError.TestKeyNotAllowed : null;
    }

    /// <summary>From a header only: a key in a query string ends up in logs.</summary>
    private static string KeyOf(HttpRequest request)
    {
        var authorization = request.Headers.Authorization.ToString();
        return authorization.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) ? authorization[Bearer.Length..].Trim() : request.Headers["api-key"].ToString();
    }
}

/// <summary>
/// Bounds the body of every endpoint, before anything of it is read. Not with the server's own bound, which breaks the connection off while the caller is still
/// sending: that caller would see a network error and no 413.
/// </summary>
internal sealed class BodyLimitMiddleware(RequestDelegate next, IOptions<HttpOptions> options)
{
    public Task InvokeAsync(HttpContext http)
    {
        if (http.GetEndpoint() is { } endpoint && http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } server)
        {
            var bytesMax = endpoint.Metadata.GetMetadata<BodyLimit>()?.BytesMax ?? options.Value.BodyBytesMax;
            server.MaxRequestBodySize = null;
            if (http.Request.ContentLength > bytesMax) throw new BodyTooLargeException(bytesMax);
            http.Request.Body = new BoundedBody(http.Request.Body, bytesMax);
        }

        return next(http);
    }
}
