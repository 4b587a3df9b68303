using ServerlessImages.Api.Http;
using ServerlessImages.Events;
using ServerlessImages.Keys;
using ServerlessImages.Ledger;

namespace ServerlessImages.Api.Events;

/// <summary>What happened in an account, newest first.</summary>
internal static class EventsApi
{
    private const int LimitDefault = 20;
    private const int LimitMax = 100;
    private const int IdCharactersMax = 64;

    public static void AddEvents(this IServiceCollection services) => services.AddSingleton<ReadEvents>();

    public static void MapEvents(this WebApplication app)
    {
        foreach (var prefix in ApiPrefix.Plain)
        {
            app.MapGet(prefix + "/events", ListAsync).RequireScope(Scope.UsageRead);
            app.MapGet(prefix + "/events/{id}", FindAsync).RequireScope(Scope.UsageRead);
        }
    }

    private static Task ListAsync(HttpContext http, ReadEvents read, ErrorWriter errors)
    {
        var partition = http.Caller().Partition;
        return http.AnswerAsync(errors, ReadAsync, page => Results.Json(new
        {
            @object = "list",
            data = page.Events.Select(each => Of(each, partition)),
            has_more = page.HasMore,
            next_cursor = page.HasMore ? page.Events[^1].Id.ToText(partition) : null,
        }));

        async Task<Result<EventPage>> ReadAsync()
        {
            var fields = new QueryFields(http.Request.Query);
            var limit = fields.Integer("limit", 1, LimitMax) ?? LimitDefault;
            var after = fields.Text("after", IdCharactersMax);
            var type = fields.OneOf("type", [.. EventTypes.All]);
            return fields.FirstError is { } wrong ? wrong : await read.RunAsync(partition, after, type, limit, http.RequestAborted);
        }
    }

    private static Task FindAsync(string id, HttpContext http, ReadEvents read, ErrorWriter errors)
    {
        var partition = http.Caller().Partition;
        return http.AnswerAsync(errors, () => read.FindAsync(partition, id, http.RequestAborted), found => Results.Json(Of(found, partition)));
    }

    private static object Of(AccountEvent each, LedgerPartition partition) => new
    {
        @object = "event",
        id = each.Id.ToText(partition),
        type = each.Type,
        created = each.At.ToUnixTimeSeconds(),
        livemode = partition.Livemode,
        data = each.Data,
    };
}
