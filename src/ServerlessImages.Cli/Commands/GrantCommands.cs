using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;

namespace ServerlessImages.Cli.Commands;

internal static class GrantCommands
{
    public static Command All(DeskOptions desk) => new("grants", "Credit: given, given back for a request, and taken back.") { Add(desk), Refund(desk), TakeBack(desk) };

    private static Command Add(DeskOptions options)
    {
        var (account, amount, reason, key) = (Given.Account(), Amount(), Given.Reason(), Given.IdempotencyKey());
        var expires = Given.Day("--expires", "The first day on which what is left of it is gone; without it, never.");
        return options.On(new Command("add", "Gives an account credit.") { account, amount, reason, expires, key }, (parsed, desk, cancel) =>
        {
            var body = new JsonObject { ["amount_usd"] = parsed.GetValue(amount), ["reason"] = parsed.GetValue(reason) };
            if (parsed.GetValue(expires) is { } day) body["expires_at"] = SecondsOf(day);
            return PostAsync(desk, parsed.GetValue(account)!, "grants", body, parsed.GetValue(key) ?? Given.NewKey(), cancel);
        });
    }

    private static Command Refund(DeskOptions options)
    {
        var (account, request, reason) = (Given.Account(), new Argument<string>("request") { Description = "The request's id: req_…" }, Given.Reason());
        return options.On(new Command("refund", "Gives back, as credit, what a request was charged: once, however often it is sent.") { account, request, reason }, (parsed, desk, cancel) =>
            PostAsync(desk, parsed.GetValue(account)!, "refunds", new JsonObject { ["request_id"] = parsed.GetValue(request), ["reason"] = parsed.GetValue(reason) }, null, cancel));
    }

    private static Command TakeBack(DeskOptions options)
    {
        var (account, amount, reason, key) = (Given.Account(), Amount(), Given.Reason(), Given.IdempotencyKey());
        return options.On(new Command("take-back", "Takes credit back, at most what is available.") { account, amount, reason, key }, (parsed, desk, cancel) =>
            PostAsync(desk, parsed.GetValue(account)!, "adjustments", new JsonObject { ["take_back_usd"] = parsed.GetValue(amount), ["reason"] = parsed.GetValue(reason) }, parsed.GetValue(key) ?? Given.NewKey(), cancel));
    }

    private static Argument<string> Amount() => new("usd") { Description = "How much, in dollars, such as 12.50." };

    private static long SecondsOf(string day) => DateTimeOffset.TryParseExact(day, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
        ? time.ToUnixTimeSeconds()
        : throw new CliException(ExitCode.Usage, $"--expires is a day such as 2026-11-23, not {day}.");

    private static async Task PostAsync(Desk desk, string account, string what, JsonObject body, string? key, CancellationToken cancel) =>
        desk.Show(await desk.Client.SendAsync(HttpMethod.Post, $"/operator/v1/accounts/{Given.Path(account)}/{what}", body, key, cancel));
}
