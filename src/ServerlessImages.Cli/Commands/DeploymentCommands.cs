using System.CommandLine;

namespace ServerlessImages.Cli.Commands;

internal static class DeploymentCommands
{
    public static Command All(DeskOptions options) => options.On(new Command("deployments", "The deployments that draw: headroom, and why one takes no calls."), async (_, desk, cancel) =>
        desk.Show([.. (await desk.Client.GetAsync("/operator/v1/deployments", cancel)).GetProperty("data").EnumerateArray()], new("model", "model"), new("name", "name"), Column.Number("priority", "priority"), Column.Number("per minute", "requests_per_minute"), Column.Number("headroom", "headroom"), new("state", "state"), Column.Number("free in s", "free_in_seconds"), Column.Number("failures", "failures_in_a_row")));

    public static Command Holds(DeskOptions options)
    {
        var limit = Given.Limit();
        var account = new Option<string?>("--account") { Description = "Of one account only." };
        return options.On(new Command("holds", "The money that is set aside for requests in flight.") { account, limit }, async (parsed, desk, cancel) =>
            desk.Show(await desk.Client.ListAsync("/operator/v1/holds" + Given.Query(("account_id", parsed.GetValue(account))), parsed.GetValue(limit), cancel), new("request", "request_id"), new("account", "account_id"), new("model", "model"), Column.Money("quote $", "quote_usd"), new("rail", "rail"), Column.Time("since", "created"), Column.Time("expires", "expires_at")));
    }

    public static Command Live(DeskOptions options) => options.On(new Command("live", "What is going on just now: requests in flight, and what waits."), async (_, desk, cancel) =>
    {
        var live = await desk.Client.GetAsync("/operator/v1/live", cancel);
        desk.Show(live);
    });
}
