using System.Text.Json;
using ServerlessImages.Api.Http;
using ServerlessImages.Ledger;

namespace ServerlessImages.Api.Limits;

/// <summary>A budget on the wire: each limit with what is used of it, what is left, and when it begins anew.</summary>
internal static class LimitsAnswer
{
    public static async Task WriteAsync(HttpContext http, string id, Budget budget)
    {
        var hour = LedgerHour.Of(http.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow());
        http.Response.ContentType = "application/json";
        await using var json = new Utf8JsonWriter(http.Response.BodyWriter);
        json.WriteStartObject();
        json.WriteString("object", "limits");
        json.WriteString(budget.Owner == BudgetOwner.Key ? "key_id" : "end_user", id);
        Write(json, "total", budget.Limits.Total, budget.Total, null);
        Write(json, "day", budget.Limits.Day, budget.Day, hour.NextDay);
        Write(json, "month", budget.Limits.Month, budget.Month, hour.NextMonth);
        if (budget.Limits.RequestsPerMinute is { } perMinute) json.WriteNumber("requests_per_minute", perMinute);
        else json.WriteNull("requests_per_minute");
        json.WriteBoolean("livemode", http.Caller().Key.Livemode);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string name, Money? limit, BudgetWindow window, DateTimeOffset? resetsAt)
    {
        json.WriteStartObject(name);
        json.WriteString("limit_usd", limit?.ToString());
        json.WriteString("spent_usd", window.Settled.ToString());
        json.WriteString("held_usd", window.Held.ToString());
        json.WriteString("left_usd", limit is { } max ? Money.Max(max - window.Used, Money.Zero).ToString() : null);
        if (resetsAt is { } at) json.WriteNumber("resets_at", at.ToUnixTimeSeconds());
        else json.WriteNull("resets_at");
        json.WriteEndObject();
    }
}
