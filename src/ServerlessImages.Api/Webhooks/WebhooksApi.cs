using ServerlessImages.Api.Http;
using ServerlessImages.Events;
using ServerlessImages.Keys;
using ServerlessImages.Webhooks;
using EventId = ServerlessImages.Events.EventId;

namespace ServerlessImages.Api.Webhooks;

/// <summary>Where an account is told of its events: endpoints, their secrets, and what became of each delivery.</summary>
internal static class WebhooksApi
{
    private const string Endpoints = "/webhook-endpoints";
    private const int OverlapSecondsDefault = 24 * 60 * 60;
    private const int OverlapSecondsMax = 7 * OverlapSecondsDefault;

    public static void MapWebhooks(this WebApplication app)
    {
        foreach (var prefix in ApiPrefix.Plain)
        {
            app.MapGet(prefix + Endpoints, ListAsync).RequireScope(Scope.WebhooksManage);
            app.MapPost(prefix + Endpoints, AddAsync).RequireScope(Scope.WebhooksManage).TakeJson();
            app.MapGet(prefix + Endpoints + "/{id}", FindAsync).RequireScope(Scope.WebhooksManage);
            app.MapPatch(prefix + Endpoints + "/{id}", ChangeAsync).RequireScope(Scope.WebhooksManage).TakeJson();
            app.MapDelete(prefix + Endpoints + "/{id}", DeleteAsync).RequireScope(Scope.WebhooksManage);
            app.MapPost(prefix + Endpoints + "/{id}/rotate-secret", RotateAsync).RequireScope(Scope.WebhooksManage).TakeJson();
            app.MapPost(prefix + Endpoints + "/{id}/test", TestAsync).RequireScope(Scope.WebhooksManage).TakeJson();
            app.MapGet(prefix + Endpoints + "/{id}/deliveries", ListDeliveriesAsync).RequireScope(Scope.WebhooksManage);
            app.MapPost(prefix + Endpoints + "/{id}/deliveries/{event}/replay", ReplayAsync).RequireScope(Scope.WebhooksManage).TakeJson();
        }
    }

    private static async Task ListAsync(HttpContext http, PendingDeliveries deliveries)
    {
        var all = await deliveries.EndpointsAsync(http.Caller().Partition, http.RequestAborted);
        await WebhookAnswers.List(all.Where(each => each.State != EndpointState.Deleted).OrderByDescending(each => each.Created), http.Caller().Partition).ExecuteAsync(http);
    }

    private static Task AddAsync(HttpContext http, ManageWebhooks manage, WebhookOptions options, ErrorWriter errors)
    {
        return http.AnswerAsync(errors, AddAsync, added => WebhookAnswers.Added(added, http.Caller().Partition));

        async Task<Result<EndpointWithSecret>> AddAsync()
        {
            if (!(await ReadAsync(http, options)).TryGet(out var terms, out var error)) return error;
            if (terms.Url is null) return ApiError.MissingParameter("url");
            if (IdempotencyHeader.TryRead(http.Request, out var key) is { } wrong) return wrong;
            return await manage.AddAsync(http.Caller().Partition, terms, key, http.RequestAborted);
        }
    }

    private static Task FindAsync(string id, HttpContext http, WebhookDirectory directory, ErrorWriter errors) =>
        http.AnswerAsync(errors, () => directory.FindAsync(http.Caller().Partition, id, http.RequestAborted), found => WebhookAnswers.One(found, http.Caller().Partition));

    private static Task ChangeAsync(string id, HttpContext http, ManageWebhooks manage, WebhookOptions options, ErrorWriter errors)
    {
        return http.AnswerAsync(errors, ChangeAsync, changed => WebhookAnswers.One(changed, http.Caller().Partition));

        async Task<Result<WebhookEndpoint>> ChangeAsync() =>
            (await ReadAsync(http, options)).TryGet(out var terms, out var error) ? await manage.ChangeAsync(http.Caller().Partition, id, terms, http.RequestAborted) : error;
    }

    private static Task DeleteAsync(string id, HttpContext http, WebhookDirectory directory, ErrorWriter errors) =>
        http.AnswerAsync(errors, () => directory.DeleteAsync(http.Caller().Partition, id, http.RequestAborted), removed => WebhookAnswers.Deleted(removed));

    private static Task RotateAsync(string id, HttpContext http, ManageWebhooks manage, ErrorWriter errors)
    {
        return http.AnswerAsync(errors, RotateAsync, rotated => WebhookAnswers.Rotated(rotated, http.Caller().Partition));

        async Task<Result<EndpointWithSecret>> RotateAsync()
        {
            if (!(await http.ReadJsonAsync(fields => new Overlap(fields.Integer("overlap_seconds", 0, OverlapSecondsMax) ?? OverlapSecondsDefault))).TryGet(out var overlap, out var error)) return error;
            return await manage.RotateAsync(http.Caller().Partition, id, TimeSpan.FromSeconds(overlap.Seconds), http.RequestAborted);
        }
    }

    private static Task TestAsync(string id, HttpContext http, ManageWebhooks manage, ErrorWriter errors)
    {
        return http.AnswerAsync(errors, TestAsync, told => WebhookAnswers.Accepted(told, id, http.Caller().Partition));

        async Task<Result<EventId>> TestAsync() =>
            (await http.ReadJsonAsync(_ => true)).TryGet(out var _, out var error) ? await manage.TestAsync(http.Caller().Partition, id, http.RequestAborted) : error;
    }

    private static Task ListDeliveriesAsync(string id, HttpContext http, ReadDeliveries read, ErrorWriter errors)
    {
        var partition = http.Caller().Partition;
        return http.AnswerAsync(errors, ReadAsync, page => WebhookAnswers.Deliveries(page, partition));

        async Task<Result<DeliveryPage>> ReadAsync()
        {
            if (!PageQuery.Read(http.Request).TryGet(out var page, out var error)) return error;
            var found = await read.RunAsync(partition, id, page.After, page.Limit, http.RequestAborted);
            return found.TryGet(out var records, out error) ? new DeliveryPage([.. records.Take(page.Limit)], records.Count > page.Limit) : error;
        }
    }

    private static Task ReplayAsync(string id, string @event, HttpContext http, ReadDeliveries deliveries, ErrorWriter errors)
    {
        return http.AnswerAsync(errors, ReplayAsync, replayed => WebhookAnswers.Replayed(replayed, http.Caller().Partition));

        async Task<Result<DeliveryRecord>> ReplayAsync() =>
            (await http.ReadJsonAsync(_ => true)).TryGet(out var _, out var error) ? await deliveries.ReplayAsync(http.Caller().Partition, id, @event, http.RequestAborted) : error;
    }

    private static Task<Result<WebhookTerms>> ReadAsync(HttpContext http, WebhookOptions options) => http.ReadJsonAsync(fields => new WebhookTerms(
        fields.WebhookUrl("url", options),
        fields.Text("description", WebhookFields.DescriptionCharactersMax),
        fields.Words("events", EventTypes.Wantable, none: "*"),
        fields.OneOf("status", "enabled", "disabled") switch { "enabled" => true, "disabled" => false, _ => null }));

    private sealed record Overlap(int Seconds);
}

/// <param name="HasMore">Whether older ones follow.</param>
internal sealed record DeliveryPage(IReadOnlyList<DeliveryRecord> Deliveries, bool HasMore);
