using ServerlessImages.Accounts;
using ServerlessImages.Api.Http;
using ServerlessImages.Deployments;
using ServerlessImages.Ledger;
using ServerlessImages.Operators;

namespace ServerlessImages.Api.Operators;

/// <summary>What is going on just now: requests in flight, what waits, and the deployments that draw.</summary>
internal static class LiveApi
{
    public static void MapLive(this WebApplication app)
    {
        app.MapGet("/operator/v1/live", LiveAsync).RequireOperator(OperatorAccess.Read);
        app.MapGet("/operator/v1/holds", HoldsAsync).RequireOperator(OperatorAccess.Read);
        app.MapGet("/operator/v1/deployments", DeploymentsAsync).RequireOperator(OperatorAccess.Read);
    }

    private static async Task<IResult> LiveAsync(HttpContext http, ReadLive read, TimeProvider clock)
    {
        var view = await read.RunAsync(http.RequestAborted);
        return Results.Json(new { @object = "live", live = Of(view.Live), test = Of(view.Test), waiting = view.Waiting.Select(Of), is_complete = view.IsComplete });

        object Of(object part) => part switch
        {
            LiveTotals totals => new { requests_in_flight = totals.InFlight, held_usd = totals.Held.ToString(), accounts = totals.Accounts, oldest_hold_seconds = Age(totals.OldestHold) },
            WaitingWork waiting => new { work = waiting.Name, waiting.Count, oldest_seconds = Age(waiting.Since) },
            _ => throw new ArgumentException("It is no part of the view.", nameof(part)),
        };

        long Age(DateTimeOffset? since) => since is { } at ? Math.Max(0, (long)(clock.GetUtcNow() - at).TotalSeconds) : 0;
    }

    private static Task HoldsAsync(HttpContext http, ListHolds list, AccountDirectory accounts, ErrorWriter errors)
    {
        return http.AnswerAsync(errors, ReadAsync, Answer);

        async Task<Result<HoldPage>> ReadAsync()
        {
            if (!PageQuery.Read(http.Request).TryGet(out var page, out var error)) return error;
            var id = http.Request.Query["account_id"].ToString();
            if (id.Length == 0) return await list.RunAsync(page.After ?? "", page.Limit, http.RequestAborted);
            return await accounts.FindAsync(id, http.RequestAborted) is null ? ApiError.AccountNotFound : await list.RunAsync(new LedgerPartition(id, Livemode: true), page.After ?? "", page.Limit, http.RequestAborted);
        }

        static IResult Answer(HoldPage page) => Results.Json(new { @object = "list", data = page.Holds.Select(Of), has_more = page.NextCursor is not null, next_cursor = page.NextCursor });
    }

    private static object Of(ListedHold listed) => new
    {
        @object = "hold",
        request_id = listed.Hold.Id,
        account_id = listed.Partition.Account,
        livemode = listed.Partition.Livemode,
        key_id = listed.Hold.Request.KeyId,
        model = listed.Hold.Request.Model,
        quote_usd = listed.Hold.Quote.ToString(),
        rail = listed.Hold.Rail.ToString().ToLowerInvariant(),
        created = listed.Hold.HeldAt.ToUnixTimeSeconds(),
        expires_at = listed.Hold.ExpiresAt.ToUnixTimeSeconds(),
    };

    private static async Task<IResult> DeploymentsAsync(HttpContext http, IImageDeployments deployments, DeploymentStates states, TimeProvider clock)
    {
        var now = clock.GetUtcNow();
        return Results.Json(new { @object = "list", data = (await LookAsync(deployments, states, http.RequestAborted)).Select(each => Of(each.Deployment, each.State, now)), has_more = false, next_cursor = (string?)null });
    }

    /// <summary>All deployments, by the model and in the order in which they are taken.</summary>
    internal static async Task<IReadOnlyList<(Deployment Deployment, DeploymentState State)>> LookAsync(IImageDeployments deployments, DeploymentStates states, CancellationToken cancel) =>
        await Task.WhenAll(deployments.All.OrderBy(each => each.Model, StringComparer.Ordinal).ThenBy(each => each.Priority).ThenBy(each => each.Name, StringComparer.Ordinal).Select(async each => (each, await states.LookAsync(each, cancel))));

    private static object Of(Deployment deployment, DeploymentState state, DateTimeOffset now) => new
    {
        @object = "deployment",
        name = deployment.Name,
        model = deployment.Model,
        priority = deployment.Priority,
        requests_per_minute = state.PerMinute(deployment),
        headroom = state.Headroom(deployment, now),
        state = state.WordAt(now),
        free_in_seconds = Math.Max(0, (long)Math.Ceiling((state.FreeAt(deployment, now) - now).TotalSeconds)),
        failures_in_a_row = state.Failures,
    };
}
