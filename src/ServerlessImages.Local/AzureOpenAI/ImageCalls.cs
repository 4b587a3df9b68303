using System.Globalization;
using ServerlessImages.Images;

namespace ServerlessImages.Local.AzureOpenAI;

/// <summary>One call from its first header to its last byte.</summary>
internal sealed class ImageCalls(AzureOpenAIEmulatorOptions options, CallLog log, Resources resources, Studio studio)
{
    private readonly Pace pace = new(options);

    /// <param name="deployment">From the path; null on v1, where the body's <c>model</c> names it.</param>
    public async Task AnswerAsync(HttpContext context, ImageOperation operation, string? deployment)
    {
        var number = log.CountCall();
        try
        {
            var (body, error) = await CallBodyReader.ReadAsync(context.Request, context.RequestAborted);
            log.Keep(CallAddress.Describe(context.Request, operation, body));
            var left = pace.Admit($"{ResourceOf(context)}/{deployment ?? new FieldReader(body).Text("model")}");
            WriteHeaders(context.Response, number, left);
            if (left < 0) await UpstreamError.RateLimited(pace.SecondsToNextMinute()).WriteAsync(context.Response, context.RequestAborted);
            else await AnswerAdmittedAsync(context, operation, deployment, body, error);
        }
        catch (Exception fault) when (fault is OperationCanceledException or IOException && context.RequestAborted.IsCancellationRequested)
        {
            log.CountCancelled();
        }
    }

    private async Task AnswerAdmittedAsync(HttpContext context, ImageOperation operation, string? deployment, CallBody body, UpstreamError? error)
    {
        error = CallAddress.Refusal(context.Request, operation, deployment) ?? (resources.IsBlocked(ResourceOf(context)) ? UpstreamError.Blocked : error);
        if (error is null && TryModel(body, deployment, out var model, out error))
        {
            (var order, error) = OrderReader.Read(operation, model, body);
            if (error is null)
            {
                await DrawAsync(context, order);
                return;
            }
        }

        await error!.WriteAsync(context.Response, context.RequestAborted);
    }

    private async Task DrawAsync(HttpContext context, ImageOrder order)
    {
        if (!order.Steering.IsAny && pace.BadLuck() is { } badLuck) order.Steering.Add(badLuck);
        if (order.Steering.IsRefusedByFilter) resources.CountRefusal(ResourceOf(context));
        if (order.Steering.Has(PromptSteer.Dropped))
        {
            context.Abort();
            return;
        }

        if (order.Steering.Refusal(order.Stream) is { } refusal)
        {
            await pace.WaitAsync(Pace.Delay(order.Steering), context.RequestAborted);
            await refusal.WriteAsync(context.Response, context.RequestAborted);
            return;
        }

        if (order.Stream) await new EventStreamAnswer(studio, pace).WriteAsync(context, order);
        else await new JsonAnswer(studio, pace).WriteAsync(context, order);
    }

    private static string ResourceOf(HttpContext context) => context.Request.RouteValues["resource"] as string ?? "";

    private bool TryModel(CallBody body, string? deployment, out ModelSpec model, out UpstreamError? error)
    {
        var fields = new FieldReader(body);
        var named = fields.Text("model");
        model = options.Deployments.GetValueOrDefault(deployment ?? named ?? "")!;
        error = fields.Error
            ?? (deployment is null && named is null ? UpstreamError.Missing("model") : null)
            ?? (model is null ? UpstreamError.DeploymentNotFound : null)
            ?? (named is not null && deployment is not null && named != deployment ? UpstreamError.UnknownModel(named) : null);
        return error is null;
    }

    private void WriteHeaders(HttpResponse response, int number, int left)
    {
        var id = string.Create(CultureInfo.InvariantCulture, $"emulated-{number:D6}");
        response.Headers["x-request-id"] = id;
        response.Headers["apim-request-id"] = id;
        response.Headers["x-ms-region"] = "Local";
        response.Headers["x-ratelimit-limit-requests"] = options.RequestsPerMinute.ToString(CultureInfo.InvariantCulture);
        response.Headers["x-ratelimit-remaining-requests"] = Math.Max(0, left).ToString(CultureInfo.InvariantCulture);
    }
}
